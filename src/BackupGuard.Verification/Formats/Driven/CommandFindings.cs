namespace BackupGuard.Verification.Formats.Driven;

/// <summary>What can be said of a backup that an adapter reads, and of the adapter. BG185x and BG186x.</summary>
public static class CommandFindings
{
    public static readonly FindingKind DrivenBy = new("BG1850", Severity.Info,
        new("What is said of {subject} is the word of {tool}; this agent did not look itself.", "Let a drill restore it: files that came back and passed their probes need nobody's word."),
        new("Ce qui est dit de {subject}, c’est {tool} qui le dit ; cet agent n’a pas regardé lui-même.", "Faites-le restaurer par un exercice : des fichiers revenus qui passent leurs sondes n’ont besoin de la parole de personne."));

    public static readonly FindingKind AdapterFailed = new("BG1851", Severity.Warning,
        new("The adapter {subject} gave no answer: {reason}.", "Run it by hand as the agent's account, with the verb and nothing else; until it answers nothing is known."),
        new("L’adaptateur {subject} n’a pas répondu : {reason}.", "Lancez-le à la main avec le compte de l’agent, le verbe et rien d’autre ; d’ici là on ne sait rien."));

    public static readonly FindingKind ContractBroken = new("BG1852", Severity.Warning,
        new("The answer of the adapter {subject} breaks the contract in line {line}: {reason}.", "Correct the adapter; the contract is src/BackupGuard.Verification/Formats/Driven/CONTRACT.md. Nothing that it said is believed."),
        new("La réponse de l’adaptateur {subject} rompt le contrat à la ligne {line} : {reason}.", "Corrigez l’adaptateur ; le contrat est src/BackupGuard.Verification/Formats/Driven/CONTRACT.md. Rien de ce qu’il a dit n’est cru."));

    public static readonly FindingKind ExitContradicts = new("BG1853", Severity.Warning,
        new("The adapter {subject} says {outcome} and ended with exit status {status}.", "Correct the adapter: 0 belongs to good, 1 to bad, 3 to unknown. Of two answers that contradict each other none is believed."),
        new("L’adaptateur {subject} dit {outcome} et finit avec le code de sortie {status}.", "Corrigez l’adaptateur : 0 va avec good, 1 avec bad, 3 avec unknown. De deux réponses contradictoires, aucune n’est crue."));

    public static readonly FindingKind NothingRead = new("BG1854", Severity.Error,
        new("The adapter {subject} says good and read nothing: {reason}.", "An empty success is a failure: find out why there was nothing to read, and verify again."),
        new("L’adaptateur {subject} dit good et n’a rien lu : {reason}.", "Un succès à vide est un échec : cherchez pourquoi il n’y avait rien à lire, et vérifiez à nouveau."));

    public static readonly FindingKind ForeignError = new("BG1855", Severity.Error,
        new("{tool} finds {subject} damaged: \"{words}\".", "Look up these words with the tool's maker; treat the backup as damaged until then."),
        new("{tool} juge {subject} endommagé : « {words} ».", "Cherchez ces mots chez l’éditeur de l’outil ; d’ici là considérez la sauvegarde comme endommagée."));

    public static readonly FindingKind ForeignWarning = new("BG1856", Severity.Warning,
        new("{tool} warns of {subject}: \"{words}\".", "Look up these words with the tool's maker."),
        new("{tool} avertit au sujet de {subject} : « {words} ».", "Cherchez ces mots chez l’éditeur de l’outil."));

    public static readonly FindingKind ForeignInfo = new("BG1857", Severity.Info,
        new("{tool} notes of {subject}: \"{words}\".", "Nothing to do."),
        new("{tool} note au sujet de {subject} : « {words} ».", "Rien à faire."));

    public static readonly FindingKind SaysBad = new("BG1858", Severity.Error,
        new("{tool} says that {subject} is bad: \"{words}\".", "Run the tool by hand and find out what it means; treat the backup as damaged until then."),
        new("{tool} dit que {subject} est mauvais : « {words} ».", "Lancez l’outil à la main et cherchez ce qu’il veut dire ; d’ici là considérez la sauvegarde comme endommagée."));

    public static readonly FindingKind SaysUnknown = new("BG1859", Severity.Warning,
        new("{tool} could not finish looking at {subject}: \"{words}\".", "Remove the obstacle and verify again; until then nothing is known."),
        new("{tool} n’a pas pu finir de regarder {subject} : « {words} ».", "Levez l’obstacle et vérifiez à nouveau ; d’ici là on ne sait rien."));

    public static readonly FindingKind CountsDisagree = new("BG1860", Severity.Warning,
        new("The adapter {subject} contradicts itself: {reason}.", "Correct the adapter: what it counts must add up. Of two answers that contradict each other none is believed."),
        new("L’adaptateur {subject} se contredit : {reason}.", "Corrigez l’adaptateur : ses comptes doivent tomber juste. De deux réponses contradictoires, aucune n’est crue."));

    public static readonly FindingKind FromTheFuture = new("BG1861", Severity.Warning,
        new("The snapshot {subject} says that it was taken at {time}, which has not come yet.", "Set the clocks right: until then its age is not known."),
        new("L’instantané {subject} se dit pris à {time}, heure qui n’est pas encore venue.", "Remettez les horloges à l’heure : d’ici là son âge n’est pas connu."));

    public static readonly FindingKind OtherSnapshot = new("BG1862", Severity.Warning,
        new("The result is about the snapshot {subject}, the newest one listed is {newest}.", "Correct the adapter, or verify again when no backup is running: an answer about something else is none."),
        new("Le résultat porte sur l’instantané {subject}, le plus récent énuméré est {newest}.", "Corrigez l’adaptateur, ou vérifiez à nouveau quand aucune sauvegarde ne tourne : une réponse sur autre chose n’en est pas une."));

    public static readonly FindingKind StreamDamaged = new("BG1863", Severity.Error,
        new("The stream in which {subject} comes back is damaged: {reason}.", "Do not use what was restored. Run the adapter's restore by hand into a file and look at it with tar."),
        new("Le flux dans lequel revient {subject} est endommagé : {reason}.", "N’utilisez pas ce qui est restauré. Lancez le restore de l’adaptateur à la main vers un fichier et regardez-le avec tar."));

    public static readonly FindingKind RestoredDiffers = new("BG1864", Severity.Error,
        new("{subject} did not come back as it was listed: {reason}.", "Do not rely on this backup: find out what is missing, and whether the adapter counts rightly."),
        new("{subject} n’est pas revenu tel qu’il était énuméré : {reason}.", "Ne comptez pas sur cette sauvegarde : cherchez ce qui manque, et si l’adaptateur compte juste."));

    public static readonly FindingKind RestoreRefused = new("BG1865", Severity.Error,
        new("The adapter did not restore {subject}: {reason}.", "Treat the backup as not restorable until the adapter's restore works by hand."),
        new("L’adaptateur n’a pas restauré {subject} : {reason}.", "Considérez la sauvegarde comme non restaurable tant que le restore de l’adaptateur ne fonctionne pas à la main."));

    public static readonly FindingKind PartOnly = new("BG1866", Severity.Warning,
        new("The adapter {subject} read {read} of {stored} bytes.", "A part is not the whole: let it read everything, or count on a drill."),
        new("L’adaptateur {subject} a lu {read} octets sur {stored}.", "Une partie n’est pas le tout : faites-lui tout lire, ou comptez sur un exercice."));

    public static readonly FindingKind MoreOfThem = new("BG1867", Severity.Info,
        new("{count} more findings of {subject} were not listed.", "Mend what is listed, then verify again."),
        new("{count} autres constats de {subject} n’ont pas été énumérés.", "Corrigez ce qui est énuméré, puis vérifiez à nouveau."));
}
