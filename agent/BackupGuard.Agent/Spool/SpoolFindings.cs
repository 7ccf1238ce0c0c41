using BackupGuard.Verification;

namespace BackupGuard.Agent.Spool;

/// <summary>What can be wrong with the agent's own spool: BG158x.</summary>
public static class SpoolFindings
{
    public static readonly FindingKind SetAside = new("BG1580", Severity.Warning,
        new("{subject} in the spool is not an entry of this agent ({reason}) and was set aside as {place}.", "Keep the file, check the disk for errors and find out who wrote it; the evidence tells of it."),
        new("{subject}, dans la file, n’est pas une entrée de cet agent ({reason}) et a été mis de côté sous {place}.", "Gardez le fichier, contrôlez le disque et cherchez qui l’a écrit ; la preuve en fait état."));

    public static readonly FindingKind Missing = new("BG1581", Severity.Error,
        new("Entry {subject} was recorded and is no longer in the spool.", "Check the disk for errors and restore the spool's folder if you have a copy: the log will show a gap at this counter."),
        new("L’entrée {subject} avait été enregistrée et n’est plus dans la file.", "Contrôlez le disque et restaurez le dossier de la file si vous en avez une copie : le journal montrera un trou à ce compteur."));

    public static readonly FindingKind Backlog = new("BG1582", Severity.Warning,
        new("{count} entries wait in {subject} to be sent.", "Find out why the server does not take them: nothing of them counts for readiness until it does."),
        new("{count} entrées attendent d’être envoyées dans {subject}.", "Cherchez pourquoi le serveur ne les prend pas : rien d’elles ne compte pour l’état de préparation d’ici là."));
}
