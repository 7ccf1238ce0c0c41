namespace BackupGuard.Server.Ui.Texts;

public static class ReportTexts
{
    public static readonly Phrase Title = new("Rapport de reprise au directeur", "Recovery report to the director");
    public static readonly Phrase Kind = new("rapport au directeur", "report to the director");
    public static readonly Phrase AsOf = new("état au {day}", "as of {day}");
    public static readonly Phrase Print = new(
        "Une page A4. Imprimez-la depuis le navigateur ; chaque numéro renvoie à l’entrée signée du journal.",
        "One A4 page. Print it from the browser; each number refers to the signed entry in the log.");
    public static readonly Phrase Table = new("Toutes les applications, ce qui n’est pas prouvé d’abord", "All applications, what is not proven first");
    public static readonly Phrase Caption = new(
        "Mesuré / visé. DMIA : objectif de reprise, sens ANSSI. PDMA : perte de données maximale visée.",
        "Measured / target. RTO: recovery time objective. RPO: recovery point objective.");
    public static readonly Phrase Recovery = new("Reprise / DMIA", "Recovery / RTO");
    public static readonly Phrase Loss = new("Perte / PDMA", "Loss / RPO");
    public static readonly Phrase Proved = new("Prouvée le", "Proven on");
    public static readonly Phrase Never = new("jamais", "never");
    public static readonly Phrase Entry = new("Preuve", "Evidence");
    public static readonly Phrase NoEntry = new("aucune", "none");
    public static readonly Phrase HowToRead = new(
        "Inconnu n’est jamais compté comme bon. Une preuve est un test de restauration avec sondes, signé par l’agent qui l’a fait ; elle expire, et toute modification l’annule. Une application vaut son maillon le plus faible.",
        "Unknown is never counted as good. A proof is a restore test with probes, signed by the agent that ran it; it expires, and any change voids it. An application is worth its weakest link.");
    public static readonly Phrase Decisions = new("Lu et décidé", "Read and decided");
    public static readonly Phrase Director = new("Directeur : date, nom, visa", "Director: date, name, signature");
    public static readonly Phrase Continuity = new("RPCA : date, nom, visa", "Continuity manager: date, name, signature");
    public static readonly Phrase Security = new("RSSI : date, nom, visa", "Security officer: date, name, signature");
    public static readonly Phrase Part = new(
        "Applications {from} à {to} sur {count}, ce qui n’est pas prouvé d’abord. La réponse et le décompte portent sur toutes.",
        "Applications {from} to {to} of {count}, what is not proven first. The answer and the counts are about all of them.");
    public static readonly Phrase Printed = new("calculé le {instant}", "computed {instant}");
    public static readonly Plural Head = new(
        new("journal : {count} entrée, racine {root}, clé {key}", "log: {count} entry, root {root}, key {key}"),
        new("journal : {count} entrées, racine {root}, clé {key}", "log: {count} entries, root {root}, key {key}"));
    public static readonly Phrase HeadUnknown = new("journal : illisible", "log: not readable");
    public static readonly Phrase HeadEmpty = new("journal : vide", "log: empty");
}
