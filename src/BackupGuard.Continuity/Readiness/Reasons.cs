using System.Globalization;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Readiness;

internal enum Objective { RecoveryTime, RecoveryPoint }

/// <summary>Every sentence that readiness can say. Codes BG31xx are stable: pages and reports refer to them.</summary>
internal static class Reasons
{
    public static Reason NeverDrilled { get; } = Make("BG3101",
        "Aucune restauration d’essai n’a jamais été faite : on ne sait pas si les données reviendraient. Planifiez un essai.",
        "No test restore was ever made: whether the data would come back is unknown. Schedule a drill.", (long?)null);

    public static Reason DrillFailed(ProofFact fact) => Make("BG3102",
        $"La dernière restauration d’essai « {fact.Name} » a échoué.{Because(fact.ReasonFr)} Seul un nouvel essai réussi lèvera cet échec.",
        $"The last test restore “{fact.Name}” failed.{Because(fact.ReasonEn)} Only a new successful drill lifts this failure.", fact);

    public static Reason DrillInconclusive(ProofFact fact) => Make("BG3103",
        $"La dernière restauration d’essai « {fact.Name} » n’a pas pu conclure.{Because(fact.ReasonFr)} Relancez l’essai.",
        $"The last test restore “{fact.Name}” could not conclude.{Because(fact.ReasonEn)} Run the drill again.", fact);

    public static Reason DefinitionChanged(ProofFact fact) => Make("BG3104",
        $"La définition de l’essai « {fact.Name} » a changé : les preuves de l’ancienne définition ne comptent plus.",
        $"The definition of the drill “{fact.Name}” changed: proofs of the earlier definition no longer count.", fact);

    public static Reason VerificationFailed(ProofFact fact) => Make("BG3105",
        $"La vérification de « {fact.Name} » a trouvé des données endommagées ou manquantes.{Because(fact.ReasonFr)} Prenez une autre copie ou refaites la sauvegarde, puis vérifiez.",
        $"The verification of “{fact.Name}” found damaged or missing data.{Because(fact.ReasonEn)} Take another copy or make the backup again, then verify.", fact);

    public static Reason VerificationInconclusive(ProofFact fact) => Make("BG3106",
        $"La dernière vérification de « {fact.Name} » n’a pas pu conclure.{Because(fact.ReasonFr)}",
        $"The last verification of “{fact.Name}” could not conclude.{Because(fact.ReasonEn)}", fact);

    public static Reason Expired(ProofFact fact, DateTimeOffset at) => Make("BG3107",
        $"La preuve est périmée depuis le {Date(at)}. Relancez l’essai « {fact.Name} ».",
        $"The proof expired on {Date(at)}. Run the drill “{fact.Name}” again.", fact);

    public static Reason ObjectiveUndefined(Objective which) => Make("BG3108",
        $"{French(which)} : objectif non défini. Sans objectif, rien ne peut être tenu : faites-le fixer par le métier.",
        $"{English(which)}: objective not defined. Without an objective nothing can be met: have the owner set it.", (long?)null);

    public static Reason NotMeasured(Objective which, ProofFact fact) => Make("BG3109",
        $"{French(which)} : non mesuré par l’essai « {fact.Name} ».",
        $"{English(which)}: not measured by the drill “{fact.Name}”.", fact);

    public static Reason OutOfTarget(Objective which, TimeSpan measured, TimeSpan objective, ProofFact fact) => Make("BG3110",
        $"{French(which)} : {Span(measured, "j")} mesurés, objectif {Span(objective, "j")}.",
        $"{English(which)}: measured {Span(measured, "d")}, objective {Span(objective, "d")}.", fact);

    public static Reason ClockAhead(ProofFact fact) => Make("BG3111",
        $"Un résultat de « {fact.Name} » est daté du {Date(fact.At)}, dans le futur : il ne compte pas. Réglez l’horloge de l’agent {fact.Agent}.",
        $"A result of “{fact.Name}” is dated {Date(fact.At)}, in the future: it does not count. Set the clock of the agent {fact.Agent}.", fact);

    public static Reason WeakLink(Application link, OwnReadiness readiness) => Make("BG3112",
        $"La chaîne : « {link.Name} » doit revenir avant, et son état est {ReadinessOrder.French(readiness.State)}.",
        $"The chain: “{(link.NameEn == "" ? link.Name : link.NameEn)}” must be back first, and its state is {ReadinessOrder.English(readiness.State)}.", (long?)null)
        with { EvidenceSequence = readiness.Reasons.FirstOrDefault(r => r.EvidenceSequence is not null)?.EvidenceSequence };

    public static Reason UnknownDependency(string id) => Make("BG3113",
        $"La chaîne : « {id} » doit revenir avant, et n’est pas au catalogue.",
        $"The chain: “{id}” must be back first, and is not in the catalogue.", (long?)null);

    public static Reason NothingHeld(Veto veto) => Make("BG3114",
        $"Aucune copie de « {veto.Subject} » n’est hors ligne ou immuable : qui prend l’administration peut toutes les détruire. Déconnectez-en une, ou verrouillez-en une et prouvez-le.",
        $"No copy of “{veto.Subject}” is offline or immutable: whoever takes over the administration can destroy them all. Disconnect one, or lock one and prove it.", veto.EvidenceSequence);

    public static Reason HeldUnknown(Veto veto) => Make("BG3115",
        $"On ne sait pas si une copie de « {veto.Subject} » est hors ligne ou immuable : personne ne l’a constaté, ou le constat a expiré. Lancez l’essai d’immuabilité, ou allez voir la copie déconnectée.",
        $"Whether a copy of “{veto.Subject}” is offline or immutable is not known: nobody has seen it, or what was seen has expired. Run the probe, or go and see the disconnected copy.", veto.EvidenceSequence);

    public static Reason Suspicious(Veto veto) => Make("BG3116",
        $"Les derniers instantanés de « {veto.Subject} » sont suspects et personne n’en a répondu : ce qui reviendrait n’est peut-être plus sain. Gelez la rétention et examinez-les.",
        $"The newest snapshots of “{veto.Subject}” are suspicious and nobody has answered for them: what would come back may no longer be sound. Freeze retention and look at them.", veto.EvidenceSequence);

    public static Reason LogUnsound { get; } = Make("BG3117",
        "Le journal des preuves ne passe pas la vérification : ce qu’il dit des copies est inconnu. Lancez backupguard-server fsck.",
        "The evidence log does not pass verification: what it says of the copies is unknown. Run backupguard-server fsck.", (long?)null);

    private static string French(Objective which) => which == Objective.RecoveryTime ? "Temps de reprise (DMIA, objectif au sens ANSSI)" : "Perte de données (PDMA)";

    private static string English(Objective which) => which == Objective.RecoveryTime ? "Recovery time (RTO)" : "Data loss (RPO)";

    private static string Because(string reason) => reason == "" ? "" : " " + reason;

    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Seconds are shown where they decide: 8 h 00 min 30 s is over 8 h.</summary>
    private static string Span(TimeSpan span, string day)
    {
        var parts = new[] { (span.Days, day), (span.Hours, "h"), (span.Minutes, "min"), (span.Seconds, "s") }.Where(p => p.Item1 != 0)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Item1}\u00a0{p.Item2}")).ToList();
        return parts.Count == 0 ? "0\u00a0min" : string.Join(" ", parts);
    }

    private static Reason Make(string code, string fr, string en, ProofFact? fact) => Make(code, fr, en, fact?.EvidenceSequence);

    private static Reason Make(string code, string fr, string en, long? sequence) => new(code, FrenchText.Set(fr), en, sequence);
}
