namespace BackupGuard.Verification.External;

/// <summary>Results of restore tests that others ran. BG435x. None of them speaks for a copy: they say what a document claims and what it leaves open.</summary>
public static class ExternalFindings
{
    public static readonly FindingKind TestFailed = new("BG4350", Severity.Error,
        new("The restore test of {subject} failed, by its own report: {says}.", "Find out why in the product that ran it, then verify and drill this copy here."),
        new("Le test de restauration de {subject} a échoué, d’après son propre rapport : {says}.", "Cherchez pourquoi dans le produit qui l’a mené, puis vérifiez cette copie ici et testez-en la restauration."));

    public static readonly FindingKind NothingTested = new("BG4351", Severity.Warning,
        new("{subject} holds no result of a restore test: {reason}.", "An empty success is none: look at what was exported and at what that product really tests."),
        new("{subject} ne contient aucun résultat de test de restauration : {reason}.", "Une réussite vide n’en est pas une : vérifiez ce qui a été exporté et ce que ce produit teste vraiment."));

    public static readonly FindingKind SuccessWithoutTest = new("BG4352", Severity.Warning,
        new("{subject} is reported as a success, but {reason}.", "Have the product ask something of what it restored (an application test, a validation), or drill this copy here."),
        new("{subject} est présenté comme réussi, mais {reason}.", "Faites vérifier par ce produit ce qu’il restaure (test applicatif, validation), ou testez cette copie ici."));

    public static readonly FindingKind OtherTenant = new("BG4353", Severity.Error,
        new("{subject} has results of {found}, and {expected} was announced. Nothing of it was taken in.", "Export from the right account or server; if it changed, correct tenant under external in agent.yaml."),
        new("{subject} contient des résultats de {found}, alors que {expected} était annoncé. Rien n’en a été repris.", "Exportez depuis le bon compte ou serveur ; s’il a changé, corrigez tenant sous external dans agent.yaml."));

    public static readonly FindingKind TenantNotNamed = new("BG4354", Severity.Warning,
        new("{subject} does not name the account or server it is from; that it is {expected} rests on the word of whoever took it in.", "Prefer an export that names it."),
        new("{subject} ne nomme pas le compte ou le serveur d’où il vient ; qu’il s’agisse de {expected} ne tient qu’à la parole de la personne qui l’a repris.", "Préférez un export qui le nomme."));

    public static readonly FindingKind InTheFuture = new("BG4355", Severity.Error,
        new("{subject} tells of {time}, which has not come yet. Nothing of it was taken in.", "Set the clocks of both machines, then export again."),
        new("{subject} parle du {time}, qui n’est pas encore arrivé. Rien n’en a été repris.", "Réglez les horloges des deux machines, puis exportez à nouveau."));

    public static readonly FindingKind OnlyAPart = new("BG4356", Severity.Warning,
        new("{subject} is one page of a longer list: what failed may stand on another.", "Export all pages into one document."),
        new("{subject} n’est qu’une page d’une liste plus longue : un échec peut se trouver sur une autre.", "Exportez toutes les pages dans un seul document."));

    public static readonly FindingKind SubjectMissing = new("BG4357", Severity.Warning,
        new("{subject} was expected among the results, and there is no test of it.", "Add it to the tests of that product, or take it out of subjects in agent.yaml."),
        new("{subject} était attendu parmi les résultats et aucun test ne le concerne.", "Ajoutez-le aux tests de ce produit, ou retirez-le de subjects dans agent.yaml."));

    public static readonly FindingKind TooOld = new("BG4358", Severity.Warning,
        new("The tests of {subject} that passed ended on {time}: too long ago to say anything now.", "Have them run again and take in the new results."),
        new("Les tests réussis de {subject} se sont achevés le {time} : trop anciens pour dire quoi que ce soit aujourd’hui.", "Faites-les refaire et reprenez les nouveaux résultats."));

    public static readonly FindingKind NotReadable = new("BG4359", Severity.Error,
        new("{subject} cannot be taken in: {reason}.", "Export it again, whole and in the form that the guide names; nothing of this one was kept."),
        new("{subject} ne peut pas être repris : {reason}.", "Exportez-le à nouveau, en entier et sous la forme que nomme le guide ; rien de celui-ci n’a été gardé."));

    public static readonly FindingKind Unfinished = new("BG4360", Severity.Warning,
        new("The test of {subject} did not end: {says}.", "Wait for its end and export again; until then nothing is known."),
        new("Le test de {subject} ne s’est pas achevé : {says}.", "Attendez sa fin et exportez à nouveau ; d’ici là on ne sait rien."));
}
