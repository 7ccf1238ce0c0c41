namespace BackupGuard.Server.Ui.Texts;

public static class TestTexts
{
    public static readonly Phrase Title = new("Tests et vérifications", "Tests and verifications");
    public static readonly Phrase Heading = new("Qu’avons-nous vraiment regardé ?", "What did we really look at?");
    public static readonly Phrase AnswerNone = new(
        "Rien encore. Aucun test, aucune vérification n’est dans le journal : on ne sait rien des sauvegardes.",
        "Nothing yet. No test and no verification is in the log: nothing is known about the backups.");
    public static readonly Phrase AnswerNoneFiltered = new("Rien de tel dans le journal.", "Nothing of the kind is in the log.");
    public static readonly Plural Answer = new(
        new("{count} résultat signé. Le dernier : {last}.", "{count} signed result. The last one: {last}."),
        new("{count} résultats signés. Le dernier : {last}.", "{count} signed results. The last one: {last}."));
    public static readonly Phrase Caption = new("Résultats, du plus récent au plus ancien", "Results, newest first");
    public static readonly Phrase List = new("Résultats", "Results");
    public static readonly Phrase Show = new("Montrer :", "Show:");
    public static readonly Phrase All = new("tout", "all");
    public static readonly Phrase OnlyDrills = new("tests de restauration", "restore tests");
    public static readonly Phrase OnlyVerifications = new("vérifications", "verifications");
    public static readonly Phrase OnlyBad = new("ce qui n’a pas réussi", "what did not pass");

    public static readonly Phrase When = new("Quand", "When");
    public static readonly Phrase Result = new("Résultat", "Result");
    public static readonly Phrase Kind = new("Nature", "Kind");
    public static readonly Phrase Application = new("Application", "Application");
    public static readonly Phrase What = new("Test ou dépôt", "Test or repository");
    public static readonly Phrase By = new("Agent", "Agent");
    public static readonly Phrase Recovery = new("Reprise", "Recovery");
    public static readonly Phrase Loss = new("Perte", "Loss");
    public static readonly Phrase Coverage = new("Couverture", "Coverage");
    public static readonly Phrase Remark = new("Constat", "Finding");
    public static readonly Phrase Evidence = new("Preuve", "Evidence");
    public static readonly Phrase Drill = new("Restauration et sondes", "Restore and probes");
    public static readonly Phrase Verification = new("Vérification", "Verification");
    public static readonly Phrase NothingToSay = new("rien à signaler", "nothing to report");
    public static readonly Phrase NotApplicable = new("sans objet", "not applicable");
    public static readonly Phrase NotMeasured = new("non mesuré", "not measured");
}
