namespace BackupGuard.Server.Ui.Texts;

public static class PortfolioTexts
{
    public static readonly Phrase Title = new("Portefeuille de reprise", "Recovery portfolio");
    public static readonly Phrase Question = new("Serions-nous de retour à temps ?", "Would we be back in time?");

    public static readonly Phrase NothingDeclared = new("Personne ne peut le dire.", "Nobody can tell.");
    public static readonly Phrase NothingDeclaredWhy = new(
        "Aucune application n’est déclarée : le catalogue de l’établissement est vide. Déclarez vos applications, leurs objectifs et leurs dépendances dans le fichier du catalogue.",
        "No application is declared: the establishment’s catalogue is empty. Declare your applications, their targets and their dependencies in the catalogue file.");
    public static readonly Phrase NobodyKnows = new("Personne ne le sait.", "Nobody knows.");
    public static readonly Plural NeverAny = new(
        new("La seule application déclarée n’a jamais été prouvée par un test de restauration.", "The only declared application was never proven by a restore test."),
        new("Aucune des {count} applications n’a jamais été prouvée par un test de restauration.", "None of the {count} applications was ever proven by a restore test."));
    public static readonly Phrase NotYet = new("Pas encore.", "Not yet.");
    public static readonly Plural NotProved = new(
        new("{count} application sur {total} n’est pas prouvée.", "{count} application out of {total} is not proven."),
        new("{count} applications sur {total} ne sont pas prouvées.", "{count} applications out of {total} are not proven."));
    public static readonly Plural VitalAmong = new(
        new("Parmi elles, {count} est vitale pour les soins.", "Among them, {count} is vital for care."),
        new("Parmi elles, {count} sont vitales pour les soins.", "Among them, {count} are vital for care."));
    public static readonly Phrase Yes = new("Oui, aujourd’hui.", "Yes, today.");
    public static readonly Plural AllProved = new(
        new("L’application déclarée est prouvée, et toute sa chaîne avec elle.", "The declared application is proven, with its whole chain."),
        new("Les {count} applications sont prouvées, chacune avec toute sa chaîne.", "All {count} applications are proven, each with its whole chain."));
    public static readonly Phrase FirstToExpire = new(
        "La première preuve à expirer est celle de {application}, le {day}.", "The first proof to expire is that of {application}, on {day}.");

    public static readonly Phrase IsFailed = new("{application} est en échec.", "{application} has failed.");
    public static readonly Phrase IsUnproven = new("{application} n’a jamais été prouvée par un test.", "{application} was never proven by a test.");
    public static readonly Phrase IsExpired = new("La preuve de {application} est périmée.", "The proof of {application} has expired.");
    public static readonly Phrase IsInconclusive = new("On n’a pas pu conclure pour {application}.", "Nothing could be concluded for {application}.");

    public static readonly Phrase NextExpiry = new("Prochaine preuve qui expire", "Next proof to expire");
    public static readonly Phrase NextExpiryNote = new("{application}, le {day}. Rejouez son test avant.", "{application}, on {day}. Run its test again before then.");
    public static readonly Phrase NoProofRunning = new("aucune", "none");
    public static readonly Phrase NoProofRunningNote = new(
        "Aucune preuve n’est en cours de validité : il n’y a rien à perdre, tout à prouver.", "No proof is currently valid: nothing to lose, everything to prove.");
    public static readonly Phrase In = new("dans {span}", "in {span}");
    public static readonly Phrase Since = new("depuis {span}", "for {span}");
    public static readonly Phrase NoEffect = new("sans effet : un maillon de la chaîne n’est pas prouvé", "void: a link of the chain is not proven");
    public static readonly Phrase CatalogueRefused = new(
        "Le fichier du catalogue a des erreurs : la dernière version valable reste en vigueur. Corrigez-le aux endroits indiqués.",
        "The catalogue file has errors: the last good version stays in force. Correct it at the places named.");
    public static readonly Plural Undeclared = new(
        new("Des preuves arrivent pour {count} application absente du catalogue. Déclarez-la, ou corrigez le nom donné à l’agent :", "Evidence arrives for {count} application that the catalogue does not know. Declare it, or correct the name given to the agent:"),
        new("Des preuves arrivent pour {count} applications absentes du catalogue. Déclarez-les, ou corrigez les noms donnés aux agents :", "Evidence arrives for {count} applications that the catalogue does not know. Declare them, or correct the names given to the agents:"));
    public static readonly Phrase NoProof = new("aucune preuve", "no proof");

    public static readonly Plural Tally = new(
        new("Répartition de {count} application", "Distribution of {count} application"),
        new("Répartition des {count} applications", "Distribution of the {count} applications"));
    public static readonly Phrase TallyNote = new(
        "Durées et pertes : mesurée / visée. Trait vertical : limite ou objectif.", "Durations and losses: measured / target. Vertical line: limit or target.");

    public static readonly Phrase Applications = new("Applications, ce qui n’est pas prouvé d’abord", "Applications, what is not proven first");
    public static readonly Phrase ApplicationsSorted = new("Applications", "Applications");
    public static readonly Plural Caption = new(
        new("{count} application, colonnes à trier par les liens d’en-tête", "{count} application, sort by the header links"),
        new("{count} applications, colonnes à trier par les liens d’en-tête", "{count} applications, sort by the header links"));
    public static readonly Phrase GroupNotProved = new("Ce qui n’est pas prouvé : {count}", "What is not proven: {count}");
    public static readonly Phrase GroupProved = new("Ce qui est prouvé : {count}", "What is proven: {count}");

    public static readonly Phrase State = new("État", "State");
    public static readonly Phrase Application = new("Application", "Application");
    public static readonly Phrase Service = new("Service", "Service");
    public static readonly Phrase Why = new("Pourquoi", "Why");
    public static readonly Phrase Age = new("Âge de la preuve", "Age of proof");
    public static readonly Phrase Recovery = new("Reprise (DMIA, objectif)", "Recovery (RTO, target)");
    public static readonly Phrase Loss = new("Perte (PDMA)", "Loss (RPO)");
    public static readonly Phrase Tests = new("Tests, ancien → récent", "Tests, old → new");
    public static readonly Phrase Expiry = new("Expire", "Expires");
    public static readonly Phrase Vital = new("vitale", "vital");
    public static readonly Plural MoreReasons = new(new("et {count} autre raison", "and {count} more reason"), new("et {count} autres raisons", "and {count} more reasons"));
    public static readonly Phrase WhyProved = new("Test de restauration réussi, dans les objectifs", "Restore test passed, within targets");
    public static readonly Phrase WhyUnknown = new("Aucun fait connu", "No fact known");
    public static readonly Phrase NoService = new("service non déclaré", "service not declared");

    public static readonly Phrase ByService = new("Par service : ce qui manque pour tenir", "By service: what is missing");
    public static readonly Phrase ByServiceCaption = new("Services, du plus au moins exposé", "Services, most exposed first");
    public static readonly Phrase NotProvedColumn = new("Non prouvé", "Not proven");
    public static readonly Phrase OutOf = new("{count} sur {total}", "{count} of {total}");
    public static readonly Phrase Concerned = new("Applications en cause", "Applications concerned");
    public static readonly Phrase NoneConcerned = new("aucune", "none");
    public static readonly Phrase PageOf = new("Page {page} sur {pages} :", "Page {page} of {pages}:");
    public static readonly Phrase PageWord = new("page", "page");
    public static readonly Phrase AllPages = new("toutes", "all");
    public static readonly Plural MoreConcerned = new(new("et {count} autre", "and {count} more"), new("et {count} autres", "and {count} more"));
}
