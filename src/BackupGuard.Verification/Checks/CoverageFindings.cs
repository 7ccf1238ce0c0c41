namespace BackupGuard.Verification.Checks;

/// <summary>What the agent remembers of a copy: BG400x.</summary>
public static class CoverageFindings
{
    public static readonly FindingKind RegisterLost = new("BG4002", Severity.Warning,
        new("What was remembered of {subject} could not be read ({reason}) and was put aside; the backup is looked at as if for the first time.", "Compare its snapshots and keys with another record: what vanished or was added before now is not noticed."),
        new("Ce qui avait été retenu de {subject} est illisible ({reason}) et a été mis de côté ; la sauvegarde est examinée comme pour la première fois.", "Comparez ses instantanés et ses clés à une autre trace : ce qui a disparu ou a été ajouté avant aujourd’hui n’est pas remarqué."));

    public static readonly FindingKind NotRemembered = new("BG4001", Severity.Warning,
        new("What was read of {subject} could not be remembered: {reason}.", "Free space or give the agent's account its state folder (--state): until then a partial reading proves nothing and a vanished snapshot is not noticed."),
        new("Ce qui a été lu de {subject} n’a pas pu être retenu : {reason}.", "Libérez de l’espace ou rendez à l’agent son dossier d’état (--state) : d’ici là une lecture partielle ne prouve rien et un instantané disparu passe inaperçu."));
}
