using System.Globalization;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>What a probe shows: BG410x for verdicts, BG411x for what stands in the way or was noticed, BG412x for snapshots.</summary>
public static class ImmutabilityFindings
{
    public static readonly FindingKind Proved = new("BG4100", Severity.Info,
        new("The locks of {subject} hold against {identity}: {attacks} attacks left the canary as it was, and its control could be deleted.", "Nothing to do; the proof ends with its date. Other identities, an administrator’s above all, were not tried."),
        new("Les verrous de {subject} résistent à {identity} : {attacks} attaques ont laissé le canari intact, et le témoin échu a pu être supprimé.", "Rien à faire ; la preuve cesse à sa date. Les autres identités, celle d’un administrateur surtout, n’ont pas été essayées."));

    public static readonly FindingKind CanaryChanged = new("BG4101", Severity.Error,
        new("{identity} could destroy what is locked in {subject}: {attack} changed the canary ({seen}).", "Whoever steals this account’s keys can destroy the backups today. Set Object Lock in compliance mode (Azure: locked policies) with a default rule, take the bypass permission away, and keep a copy offline until a new probe holds."),
        new("{identity} a pu détruire ce qui est verrouillé dans {subject} : {attack} a modifié le canari ({seen}).", "Qui vole les clés de ce compte peut détruire les sauvegardes dès aujourd’hui. Activez Object Lock en mode compliance (Azure : politiques verrouillées) avec une règle par défaut, retirez la permission de contournement et gardez une copie hors ligne jusqu’à un nouvel essai réussi."));

    public static readonly FindingKind NewestUnlocked = new("BG4102", Severity.Error,
        new("{count} of the {looked} newest backup objects of {subject} have no lock, such as {examples}.", "New backups are unprotected, whatever the rule of the bucket says: restore the default retention, or have the backup tool set one, then extend the locks of what was written meanwhile."),
        new("{count} des {looked} objets de sauvegarde les plus récents de {subject} n’ont pas de verrou, par exemple {examples}.", "Les nouvelles sauvegardes ne sont pas protégées, quoi que dise la règle du bucket : rétablissez la rétention par défaut ou réglez-la dans l’outil de sauvegarde, puis prolongez les verrous de ce qui a été écrit entre-temps."));

    public static readonly FindingKind Hidden = new("BG4103", Severity.Error,
        new("{count} backup objects of {subject} lie hidden under delete markers or newer versions, such as {examples}.", "The bytes are still there: freeze every retention job, find out who did it, and take the markers and newer versions away with an account of its own."),
        new("{count} objets de sauvegarde de {subject} sont masqués par des marqueurs de suppression ou des versions plus récentes, par exemple {examples}.", "Les octets sont encore là : gelez toute purge, cherchez qui l’a fait et retirez les marqueurs et les versions plus récentes avec un compte dédié."));

    public static readonly FindingKind IamOnly = new("BG4104", Severity.Warning,
        new("{subject} is held only because {identity} may not delete anything, locked or not.", "Whoever may delete, an administrator or a stolen console, can delete everything: add Object Lock in compliance mode (Azure: locked policies), and try an identity that may delete."),
        new("{subject} ne tient que parce que {identity} n’a le droit de rien supprimer, verrouillé ou non.", "Qui en a le droit, un administrateur ou une console volée, peut tout supprimer : ajoutez Object Lock en mode compliance (Azure : politiques verrouillées) et essayez une identité qui peut supprimer."));

    public static readonly FindingKind Governance = new("BG4105", Severity.Warning,
        new("The locks of {subject} hold against {identity}, but they are governance locks or unlocked policies: whoever has s3:BypassGovernanceRetention, or may change policies at Azure, deletes what they hold.", "List who has that right, and change to compliance mode or locked policies once you are sure of the retention."),
        new("Les verrous de {subject} résistent à {identity}, mais ce sont des verrous de gouvernance ou des politiques non verrouillées : qui possède s3:BypassGovernanceRetention, ou peut modifier les politiques chez Azure, supprime ce qu’ils tiennent.", "Dressez la liste de ceux qui ont ce droit et passez en mode compliance ou à des politiques verrouillées dès que la rétention est sûre."));

    public static readonly FindingKind ConfigOnly = new("BG4106", Severity.Warning,
        new("The settings of {subject} were read, and nothing was tried.", "Give the probe the writer’s keys (identityUnderTest): settings are a promise, only an attempt shows."),
        new("Les réglages de {subject} ont été lus et rien n’a été essayé.", "Donnez à l’essai les clés de l’identité qui écrit (identityUnderTest) : des réglages sont une promesse, seule une tentative démontre."));

    public static readonly FindingKind ControlNotDue = new("BG4107", Severity.Warning,
        new("The attacks on {subject} were withstood; that this is the lock’s doing is shown once a canary is past its date ({until}).", "Run the probe again after that date, or with --wait. Until then this proves nothing."),
        new("Les attaques contre {subject} ont échoué ; que ce soit grâce au verrou sera démontré quand un canari aura dépassé sa date ({until}).", "Relancez l’essai après cette date, ou avec --wait. D’ici là, cela ne prouve rien."));

    public static readonly FindingKind ControlUnclear = new("BG4108", Severity.Warning,
        new("The control of {subject} failed: {reason}.", "Look at the store’s own log for this request. A store that says one thing and does another proves nothing."),
        new("Le contrôle positif de {subject} a échoué : {reason}.", "Consultez le journal du stockage pour cette requête. Un stockage qui dit une chose et en fait une autre ne prouve rien."));

    public static readonly FindingKind EarlierCanaryChanged = new("BG4109", Severity.Error,
        new("The canary {subject} of an earlier probe was to be held until {until}; now: {seen}.", "A lock was broken between two probes. Look at the store’s log and clock, and keep a copy offline."),
        new("Le canari {subject} d’un essai précédent devait être tenu jusqu’au {until} ; à présent : {seen}.", "Un verrou a été rompu entre deux essais. Examinez le journal et l’horloge du stockage, et gardez une copie hors ligne."));

    public static readonly FindingKind LockNotSeen = new("BG4110", Severity.Warning,
        new("{witness} could not see the canary {subject} and its lock ({seen}).", "Let the verifier’s identity read objects, versions, retention and legal hold: a lock that is not seen does not count."),
        new("{witness} n’a pas pu voir le canari {subject} et son verrou ({seen}).", "Autorisez l’identité du vérificateur à lire objets, versions, rétention et mise sous séquestre : un verrou qui ne se voit pas ne compte pas."));

    public static readonly FindingKind ClockSuspect = new("BG4111", Severity.Warning,
        new("The clock of {subject} cannot be relied on: {reason}.", "Set both clocks by a time server and find out who moved them: a clock put forward ends every lock."),
        new("L’horloge de {subject} n’est pas fiable : {reason}.", "Réglez les deux horloges sur un serveur de temps et cherchez qui les a déplacées : une horloge avancée met fin à tous les verrous."));

    public static readonly FindingKind AttackUnclear = new("BG4112", Severity.Warning,
        new("{count} attacks on the canary in {subject} had no answer, or what came of them could not be seen ({examples}).", "Run the probe again once the store answers: an attempt that was not made shows nothing."),
        new("{count} attaques contre le canari dans {subject} sont restées sans réponse, ou leur effet n’a pas pu être vu ({examples}).", "Relancez l’essai quand le stockage répond : une tentative qui n’a pas eu lieu ne démontre rien."));

    public static readonly FindingKind NotPlanted = new("BG4113", Severity.Warning,
        new("{subject} took no canary from {identity} ({code}).", "Use the identity that writes the backups; below .backupguard/canary/ it must be able to write."),
        new("{subject} n’a pas accepté de canari de {identity} ({code}).", "Utilisez l’identité qui écrit les sauvegardes ; elle doit pouvoir écrire sous .backupguard/canary/."));

    public static readonly FindingKind Drifted = new("BG4114", Severity.Warning,
        new("The setting {setting} of {subject} is not what was taken for right ({since}): it was {before}, it is {now}.", "Nothing was tried. Find out who changed it; if it is right, take it over with: backupguard-agent probe <repository> --accept-baseline."),
        new("Le réglage {setting} de {subject} n’est plus celui qui passait pour juste ({since}) : il était {before}, il est {now}.", "Rien n’a été essayé. Cherchez qui l’a modifié ; s’il est juste, reprenez-le avec : backupguard-agent probe <dépôt> --accept-baseline."));

    public static readonly FindingKind BaselinePinned = new("BG4115", Severity.Info,
        new("The settings of {subject} ({settings}) are taken for right from now on.", "Read them in the report: whatever they say today passes for wanted."),
        new("Les réglages de {subject} ({settings}) passent désormais pour justes.", "Lisez-les dans le rapport : ce qu’ils disent aujourd’hui passe pour voulu."));

    public static readonly FindingKind SettingUnreadable = new("BG4116", Severity.Warning,
        new("{witness} may not read the setting {setting} of {subject}, or the store does not know it.", "Allow the verifier’s identity to read it, so that a change is noticed; what Azure tells only in its management interface must be watched there."),
        new("{witness} ne peut pas lire le réglage {setting} de {subject}, ou le stockage ne le connaît pas.", "Autorisez l’identité du vérificateur à le lire, afin qu’un changement soit remarqué ; ce qu’Azure ne montre que dans son interface de gestion doit y être surveillé."));

    public static readonly FindingKind CanariesStanding = new("BG4117", Severity.Info,
        new("{count} canaries of 4 KiB stand in {subject}; the last of them cannot be removed before {until}.", "Nothing to do: later probes remove them when their time is over."),
        new("{count} canaris de 4 Kio se trouvent dans {subject} ; le dernier ne peut être supprimé avant le {until}.", "Rien à faire : les essais suivants les retirent quand leur temps est écoulé."));

    public static readonly FindingKind TooManyCanaries = new("BG4118", Severity.Warning,
        new("{count} canaries stand in {subject} already: no more were planted and nothing was tried.", "Probe less often, or let the identity under test delete what is past its date."),
        new("{count} canaris se trouvent déjà dans {subject} : aucun autre n’a été déposé et rien n’a été essayé.", "Espacez les essais, ou autorisez l’identité essayée à supprimer ce qui a dépassé sa date."));

    public static readonly FindingKind SameIdentity = new("BG4119", Severity.Warning,
        new("{subject} is judged by the identity that is tried, {identity}.", "Give the verifier keys of its own that may only read: a thief’s keys should not be the witness."),
        new("{subject} est jugé par l’identité même qui est essayée, {identity}.", "Donnez au vérificateur des clés à lui, en lecture seule : les clés d’un voleur ne doivent pas servir de témoin."));

    public static readonly FindingKind HoldLiftable = new("BG4120", Severity.Info,
        new("{identity} can lift legal holds in {subject}.", "Rely on retention dates; a hold alone protects nothing against these keys."),
        new("{identity} peut lever les mises sous séquestre dans {subject}.", "Comptez sur les dates de rétention ; un séquestre seul ne protège de rien contre ces clés."));

    public static readonly FindingKind LeftBehind = new("BG4121", Severity.Info,
        new("What {attack} put over the canary {subject} could not be taken away.", "It lies over our canary only and does no harm; remove it once its time is over."),
        new("Ce que {attack} a posé sur le canari {subject} n’a pas pu être retiré.", "Cela ne recouvre que notre canari et ne nuit pas ; retirez-le quand son temps est écoulé."));

    public static readonly FindingKind ScopeUnknown = new("BG4122", Severity.Warning,
        new("The locks of the newest backup objects of {subject} could not be seen: {reason}.", "Let the verifier’s identity list versions and read retention: a canary that holds says nothing about backups without lock."),
        new("Les verrous des objets de sauvegarde les plus récents de {subject} n’ont pas pu être vus : {reason}.", "Autorisez l’identité du vérificateur à lister les versions et à lire la rétention : un canari qui tient ne dit rien de sauvegardes sans verrou."));

    public static readonly FindingKind SnapshotUnprotected = new("BG4130", Severity.Error,
        new("The newest snapshot {subject} of {taken} can be destroyed now: {objects} objects that it needs ({bytes} bytes) have no lock.", "Extend the locks of the objects that it needs, the old ones too: the plan names how many, how much and until when."),
        new("L’instantané le plus récent {subject} du {taken} peut être détruit dès maintenant : {objects} objets dont il a besoin ({bytes} octets) n’ont pas de verrou.", "Prolongez les verrous des objets dont il a besoin, anciens compris : le plan dit combien, quel volume et jusqu’à quand."));

    public static readonly FindingKind OlderUnprotected = new("BG4131", Severity.Warning,
        new("Snapshot {subject} of {taken} can be destroyed now: {objects} objects that it needs ({bytes} bytes) have no lock.", "Extend the locks of the objects that it needs, if it is still to be kept."),
        new("L’instantané {subject} du {taken} peut être détruit dès maintenant : {objects} objets dont il a besoin ({bytes} octets) n’ont pas de verrou.", "Prolongez les verrous des objets dont il a besoin s’il doit encore être gardé."));

    public static readonly FindingKind HorizonShort = new("BG4132", Severity.Warning,
        new("Snapshot {subject} of {taken} cannot be destroyed before {until}, which is sooner than wanted ({wanted}).", "Extend {objects} objects ({bytes} bytes) before that date: an attacker who waits longer than the lock wins."),
        new("L’instantané {subject} du {taken} ne peut être détruit avant le {until}, plus tôt que voulu ({wanted}).", "Prolongez {objects} objets ({bytes} octets) avant cette date : un attaquant qui attend plus longtemps que le verrou gagne."));

    public static readonly FindingKind HorizonUnknown = new("BG4133", Severity.Warning,
        new("Until when snapshot {subject} of {taken} is held is not known: {reason}.", "Let this identity read the locks, and verify the repository: what is not seen does not count as held."),
        new("Jusqu’à quand l’instantané {subject} du {taken} est tenu n’est pas connu : {reason}.", "Autorisez cette identité à lire les verrous et vérifiez le dépôt : ce qui ne se voit pas ne compte pas comme tenu."));

    public static readonly FindingKind MemoryLost = new("BG4123", Severity.Warning,
        new("What earlier probes of {subject} left behind could not be read or written: {reason}.", "Repair the agent’s state folder; canaries of earlier probes may stand there that no probe removes."),
        new("Ce que les essais précédents de {subject} ont laissé n’a pas pu être lu ou écrit : {reason}.", "Réparez le dossier d’état de l’agent ; des canaris d’essais précédents peuvent subsister sans qu’aucun essai ne les retire."));

    public static readonly FindingKind NotApproved = new("BG4124", Severity.Warning,
        new("The probe of {subject} is approved by {count} names: two different persons are needed.", "Write both names under approvedBy in agent.yaml: a probe writes objects that cannot be removed for a while."),
        new("L’essai de {subject} est approuvé par {count} noms : il faut deux personnes différentes.", "Écrivez les deux noms sous approvedBy dans agent.yaml : un essai écrit des objets qui ne peuvent être supprimés pendant un temps."));

    /// <summary>The verdict in a sentence, and what led to it.</summary>
    internal static IEnumerable<Finding> Of(ImmutabilityVerdict verdict, ProbePlan plan, string identity, IReadOnlyList<AttackResult> attacks, ControlResult control, LockScope scope, LockMode mode)
    {
        foreach (var broken in attacks.Where(a => a.Intact is false)) yield return CanaryChanged.At(plan.Subject, ("identity", identity), ("attack", ImmutabilityProbe.Word(broken.Attack)), ("seen", broken.Seen));
        if (scope.Unlocked > 0 && control.Outcome != ControlOutcome.Refused) yield return NewestUnlocked.At(plan.Subject, ("count", scope.Unlocked), ("looked", scope.Looked), ("examples", string.Join(", ", scope.Examples)));
        if (scope.Hidden > 0) yield return Hidden.At(plan.Subject, ("count", scope.Hidden), ("examples", string.Join(", ", scope.Examples)));
        if (!scope.IsKnown && scope.Unlocked == 0) yield return ScopeUnknown.At(plan.Subject, ("reason", WhyUnknown(scope)));
        if (attacks.Where(a => a.Intact is null || a.Answer.Kind == AnswerKind.None).ToList() is { Count: > 0 } unclear)
            yield return AttackUnclear.At(plan.Subject, ("count", unclear.Count), ("examples", string.Join(", ", unclear.Take(3).Select(a => ImmutabilityProbe.Word(a.Attack)))));
        if (control.Outcome is ControlOutcome.AcceptedButThere or ControlOutcome.Unknown) yield return ControlUnclear.At(plan.Subject, ("reason", control.Outcome == ControlOutcome.AcceptedButThere
            ? new Words("the store accepted the deletion of a canary past its date, and the canary is still there", "le stockage a accepté la suppression d’un canari échu, et le canari est toujours là")
            : new Words("the deletion of a canary past its date had no answer, or its effect could not be seen", "la suppression d’un canari échu est restée sans réponse, ou son effet n’a pas pu être vu")));
        if (attacks.Count > 0 && control.Outcome == ControlOutcome.NotDue && attacks.All(a => a.Intact is true)) yield return ControlNotDue.At(plan.Subject, ("until", ImmutabilityProbe.Time(control.RetainUntil)));
        if (attacks.Count > 0 && mode is LockMode.None or LockMode.Attribute && verdict == ImmutabilityVerdict.Inconclusive && control.Outcome == ControlOutcome.Passed) yield return ScopeUnknown.At(plan.Subject, ("reason", new Words("nothing held the canary", "rien ne tenait le canari")));
        switch (verdict)
        {
            case ImmutabilityVerdict.Proved: yield return Proved.At(plan.Subject, ("identity", identity), ("attacks", attacks.Count)); break;
            case ImmutabilityVerdict.ProvedGovernance: yield return Governance.At(plan.Subject, ("identity", identity)); break;
            case ImmutabilityVerdict.IamOnly: yield return IamOnly.At(plan.Subject, ("identity", identity)); break;
            case ImmutabilityVerdict.ConfigOnly: yield return ConfigOnly.At(plan.Subject); break;
        }
    }

    private static Words WhyUnknown(LockScope scope) => scope switch
    {
        { Problem: { } problem } => new Words(problem, problem),
        { Looked: 0 } => new Words("there is no backup object", "il n’y a aucun objet de sauvegarde"),
        _ => new Words(string.Create(CultureInfo.InvariantCulture, $"{scope.Unknown} of {scope.Looked} gave no answer"), string.Create(CultureInfo.InvariantCulture, $"{scope.Unknown} sur {scope.Looked} sans réponse")),
    };
}
