using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>What the probe of a folder shows: BG414x.</summary>
public static class FolderFindings
{
    public static readonly FindingKind Held = new("BG4140", Severity.Warning,
        new("What carries the immutable attribute in {subject} holds against {identity}: {attacks} attempts left the canary as it was, and without the attribute the same account could delete it. Root of that machine lifts the attribute in one command.", "Keep that machine’s root out of every directory and tool that ransomware can reach, and keep a copy offline or under Object Lock: this holds against this account, not against whoever takes the machine."),
        new("Ce qui porte l’attribut immuable dans {subject} résiste à {identity} : {attacks} tentatives ont laissé le canari intact, et sans l’attribut le même compte a pu le supprimer. Le root de cette machine lève l’attribut en une commande.", "Gardez le root de cette machine hors de tout annuaire et de tout outil qu’un rançongiciel peut atteindre, et gardez une copie hors ligne ou sous Object Lock : cela tient contre ce compte, pas contre qui prend la machine."));

    public static readonly FindingKind Destroyed = new("BG4141", Severity.Error,
        new("{identity} could destroy what lies in {subject}: {attack} changed the canary ({seen}).", "Whoever takes this account can destroy the backups today. Let root set the immutable attribute once a file is written, run no backup service as root or with CAP_LINUX_IMMUTABLE, and keep a copy offline until a new probe holds."),
        new("{identity} a pu détruire ce qui se trouve dans {subject} : {attack} a modifié le canari ({seen}).", "Qui prend ce compte peut détruire les sauvegardes dès aujourd’hui. Faites poser l’attribut immuable par root une fois le fichier écrit, n’exécutez aucun service de sauvegarde en root ou avec CAP_LINUX_IMMUTABLE, et gardez une copie hors ligne jusqu’à un nouvel essai réussi."));

    public static readonly FindingKind NewestOpen = new("BG4142", Severity.Error,
        new("{count} of the {looked} newest backup objects of {subject} can be changed or deleted by {identity}: its permissions allow it and no attribute holds them, such as {examples}.", "Set the immutable attribute on what is written, or take the right to write there from this account."),
        new("{count} des {looked} objets de sauvegarde les plus récents de {subject} peuvent être modifiés ou supprimés par {identity} : ses permissions le permettent et aucun attribut ne les tient, par exemple {examples}.", "Posez l’attribut immuable sur ce qui est écrit, ou retirez à ce compte le droit d’y écrire."));

    public static readonly FindingKind NewestWithout = new("BG4143", Severity.Error,
        new("{count} of the {looked} newest backup objects of {subject} have no immutable attribute, such as {examples}.", "Let a service of root set it once a file is written; where one does, find out why it stopped or lags, and set it on what was written meanwhile."),
        new("{count} des {looked} objets de sauvegarde les plus récents de {subject} n’ont pas l’attribut immuable, par exemple {examples}.", "Faites-le poser par un service de root une fois le fichier écrit ; s’il y en a un, cherchez pourquoi il s’est arrêté ou tarde, et posez-le sur ce qui a été écrit entre-temps."));

    public static readonly FindingKind PermissionsOnly = new("BG4144", Severity.Warning,
        new("{subject} is held only because {identity} may not write there.", "Whoever may, root of that machine or another account, can delete everything: add the immutable attribute or a copy under Object Lock, and try the account that writes the backups."),
        new("{subject} ne tient que parce que {identity} n’a pas le droit d’y écrire.", "Qui en a le droit, le root de cette machine ou un autre compte, peut tout supprimer : ajoutez l’attribut immuable ou une copie sous Object Lock, et essayez le compte qui écrit les sauvegardes."));

    public static readonly FindingKind NothingPlanted = new("BG4145", Severity.Warning,
        new("{identity} could write no canary in {subject} ({code}), so nothing could be attacked.", "This shows that the account cannot add files there today, not that it cannot change those that are there, and nothing about other accounts. Run the probe as root with the account that writes the backups under identityUnderTest."),
        new("{identity} n’a pu écrire aucun canari dans {subject} ({code}), rien n’a donc pu être attaqué.", "Cela montre que ce compte ne peut rien y ajouter aujourd’hui, pas qu’il ne peut modifier ce qui s’y trouve, et rien sur les autres comptes. Lancez l’essai en root avec le compte qui écrit les sauvegardes sous identityUnderTest."));

    public static readonly FindingKind ReadOnlyMount = new("BG4146", Severity.Warning,
        new("{subject} is mounted read-only here ({code}): {identity} can destroy nothing through this mount, and nothing was tried.", "It says nothing about the machine that exports it, about another mount of the same disk, or about root, who mounts it anew: run the probe where the backups are written."),
        new("{subject} est monté ici en lecture seule ({code}) : {identity} ne peut rien détruire par ce montage, et rien n’a été essayé.", "Cela ne dit rien de la machine qui l’exporte, d’un autre montage du même disque, ni de root, qui le remonte : lancez l’essai là où les sauvegardes sont écrites."));

    public static readonly FindingKind AttributeNotTried = new("BG4147", Severity.Warning,
        new("The newest backup objects of {subject} carry the immutable attribute; the probe, running as {identity}, could set none on its canary, so the attribute was read and not tried.", "Run the probe as root with the account that writes the backups under identityUnderTest."),
        new("Les objets de sauvegarde les plus récents de {subject} portent l’attribut immuable ; l’essai, lancé sous {identity}, n’a pu en poser aucun sur son canari : l’attribut a été lu et non essayé.", "Lancez l’essai en root avec le compte qui écrit les sauvegardes sous identityUnderTest."));

    public static readonly FindingKind FolderMoves = new("BG4148", Severity.Warning,
        new("{identity} can rename folders in {subject}: an attribute on files does not hold the folders above them, so backups can be moved out of sight, though not destroyed.", "Let root own the folders above the backups, or set the attribute on folders to which nothing is added any more."),
        new("{identity} peut renommer des dossiers dans {subject} : un attribut posé sur les fichiers ne tient pas les dossiers au-dessus, des sauvegardes peuvent donc être soustraites à la vue, sans être détruites.", "Faites posséder par root les dossiers au-dessus des sauvegardes, ou posez l’attribut sur les dossiers auxquels plus rien ne s’ajoute."));

    public static readonly FindingKind NotOnThisSystem = new("BG4149", Severity.Warning,
        new("The folder {subject} was not probed: the immutable attribute and the accounts of this operating system are not known to this version.", "Run the probe on the Linux machine that holds the backups; until then nothing is known about this copy’s protection."),
        new("Le dossier {subject} n’a pas été essayé : cette version ne connaît ni l’attribut immuable ni les comptes de ce système d’exploitation.", "Lancez l’essai sur la machine Linux qui porte les sauvegardes ; d’ici là on ne sait rien de la protection de cette copie."));

    public static readonly FindingKind CanaryLeft = new("BG4150", Severity.Warning,
        new("The canary {subject} in {folder} could not be taken away again.", "It does no harm. Remove it as root: chattr -i, then rm; the next probe tries again."),
        new("Le canari {subject} dans {folder} n’a pas pu être retiré.", "Il ne nuit pas. Retirez-le en root : chattr -i, puis rm ; l’essai suivant réessaiera."));

    /// <summary>The verdict in a sentence, and what led to it.</summary>
    internal static IEnumerable<Finding> Of(ImmutabilityVerdict verdict, string subject, string identity, IReadOnlyList<FolderAttackResult> attacks, ControlResult control, LockScope scope, LockMode mode)
    {
        foreach (var broken in attacks.Where(a => a.Intact is false)) yield return Destroyed.At(subject, ("identity", identity), ("attack", ImmutabilityProbe.Word(broken.Attack.ToString())), ("seen", broken.Seen));
        if (scope.Open > 0) yield return NewestOpen.At(subject, ("identity", identity), ("count", scope.Open), ("looked", scope.Looked), ("examples", string.Join(", ", scope.Examples)));
        if (scope.Unlocked > 0 && control.Outcome != ControlOutcome.Refused) yield return NewestWithout.At(subject, ("count", scope.Unlocked), ("looked", scope.Looked), ("examples", string.Join(", ", scope.Examples)));
        if (attacks.Where(a => a.Intact is null || a.Answer.Kind == AnswerKind.None).ToList() is { Count: > 0 } unclear)
            yield return ImmutabilityFindings.AttackUnclear.At(subject, ("count", unclear.Count), ("examples", string.Join(", ", unclear.Take(3).Select(a => ImmutabilityProbe.Word(a.Attack.ToString())))));
        if (!scope.IsKnown && scope.Unlocked == 0) yield return ImmutabilityFindings.ScopeUnknown.At(subject, ("reason", ImmutabilityFindings.WhyUnknown(scope)));
        if (control.Outcome is ControlOutcome.AcceptedButThere or ControlOutcome.Unknown) yield return ImmutabilityFindings.ControlUnclear.At(subject, ("reason",
            new Words("a canary without the attribute should have been deletable or not, and which of the two could not be seen", "un canari sans l’attribut devait pouvoir être supprimé ou non, et lequel des deux n’a pas pu être vu")));
        if (mode != LockMode.Attribute && attacks.Count == 0 && scope.Modes.Contains(LockMode.Attribute)) yield return AttributeNotTried.At(subject, ("identity", identity));
        if (verdict == ImmutabilityVerdict.ProvedGovernance) yield return Held.At(subject, ("identity", identity), ("attacks", attacks.Count));
        if (verdict == ImmutabilityVerdict.IamOnly) yield return PermissionsOnly.At(subject, ("identity", identity));
    }
}
