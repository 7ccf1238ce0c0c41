namespace BackupGuard.Verification.Checks;

/// <summary>Do the keys survive the day on which everything else is lost? BG404x.</summary>
public static class EnvelopeFindings
{
    public static readonly FindingKind Opens = new("BG4040", Severity.Info,
        new("The envelope sealed on {sealed} opens {subject} alone: {snapshots} snapshots, the newest of {newest}.", "Seal it again, note the date, and try it again in three months or after any change of a password."),
        new("L’enveloppe scellée le {sealed} ouvre {subject} à elle seule : {snapshots} instantanés, le dernier du {newest}.", "Rescellez-la, notez la date et recommencez dans trois mois ou après tout changement de mot de passe."));

    public static readonly FindingKind DoesNotOpen = new("BG4041", Severity.Error,
        new("The envelope sealed on {sealed} does not open {subject}.", "Write the password and keys of today into a new envelope now, and try that one: on the day of the attack this backup could not be read."),
        new("L’enveloppe scellée le {sealed} n’ouvre pas {subject}.", "Mettez dès maintenant le mot de passe et les clés d’aujourd’hui dans une nouvelle enveloppe et testez-la : le jour de l’attaque, cette sauvegarde serait illisible."));

    public static readonly FindingKind Lacks = new("BG4042", Severity.Error,
        new("The envelope sealed on {sealed} lacks something that opening {subject} needs: {reason}.", "Add it to a new envelope and try that one."),
        new("Il manque à l’enveloppe scellée le {sealed} de quoi ouvrir {subject} : {reason}.", "Ajoutez-le dans une nouvelle enveloppe et testez-la."));
}
