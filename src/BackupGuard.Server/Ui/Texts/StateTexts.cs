namespace BackupGuard.Server.Ui.Texts;

public static class StateTexts
{
    public static readonly Phrase Failed = new("Échec", "Failed");
    public static readonly Phrase Unproven = new("Non prouvé", "Not proven");
    public static readonly Phrase Expired = new("Périmé", "Expired");
    public static readonly Phrase Inconclusive = new("Non concluant", "Inconclusive");
    public static readonly Phrase Proved = new("Prouvé", "Proven");

    /// <summary>Of one test, not of an application.</summary>
    public static readonly Phrase Passed = new("Réussi", "Passed");
    public static readonly Phrase TestFailed = new("Échoué", "Failed");

    public static readonly Phrase Unknown = new("inconnu", "unknown");
    public static readonly Phrase UnknownFeminine = new("inconnue", "unknown");
    public static readonly Phrase NeverTested = new("jamais testé", "never tested");
    public static readonly Phrase NeverProved = new("jamais prouvé", "never proven");
    public static readonly Phrase DatedInFuture = new("daté du futur", "dated in the future");
    public static readonly Phrase NotDecided = new("objectif non fixé", "target not set");
    public static readonly Phrase Outside = new("hors objectif", "outside target");
    public static readonly Phrase NoTest = new("aucun test", "no test");

    public static readonly Plural LastTests = new(
        new("dernier test : {list}", "last test: {list}"),
        new("{count} derniers tests, du plus ancien au plus récent : {list}", "last {count} tests, oldest to newest: {list}"));
    public static readonly Plural PassedCount = new(new("{count} réussi", "{count} passed"), new("{count} réussis", "{count} passed"));
    public static readonly Plural FailedCount = new(new("{count} échoué", "{count} failed"), new("{count} échoués", "{count} failed"));
    public static readonly Plural InconclusiveCount = new(new("{count} non concluant", "{count} inconclusive"), new("{count} non concluants", "{count} inconclusive"));
}
