namespace BackupGuard.Server.Ui.Texts;

public static class ApplicationTexts
{
    public static readonly Phrase Crumb = new("Fil d’Ariane", "Breadcrumb");
    public static readonly Phrase AnswerProved = new("Oui : {application} serait de retour à temps.", "Yes: {application} would be back in time.");
    public static readonly Phrase AnswerFailed = new("Non : {application} ne serait pas de retour à temps.", "No: {application} would not be back in time.");
    public static readonly Phrase AnswerUnproven = new("Personne ne le sait : {application} n’a jamais été prouvée.", "Nobody knows: {application} was never proven.");
    public static readonly Phrase AnswerExpired = new("Personne ne le sait plus : la preuve de {application} est périmée.", "Nobody knows any more: the proof of {application} has expired.");
    public static readonly Phrase AnswerInconclusive = new("On ne peut pas conclure pour {application}.", "Nothing can be concluded for {application}.");

    public static readonly Phrase Measured = new("Dernière reprise mesurée : {measured}.", "Last measured recovery: {measured}.");
    public static readonly Phrase LastNotMeasured = new("Le dernier test n’a pas mesuré le temps de reprise.", "The last test did not measure the recovery time.");
    public static readonly Phrase NeverMeasured = new("Le temps de reprise n’a jamais été mesuré.", "The recovery time was never measured.");

    public static readonly Phrase Objective = new("Objectif de reprise (DMIA, sens ANSSI)", "Recovery time objective (RTO)");
    public static readonly Phrase Limit = new("Limite absolue d’interruption (MTPD)", "Maximum tolerable period (MTPD)");
    public static readonly Phrase Loss = new("Perte de données maximale visée (PDMA)", "Recovery point objective (RPO)");
    public static readonly Phrase Validity = new("Une preuve vaut", "A proof counts for");
    public static readonly Phrase Owner = new("À qui s’adresser", "Whom to turn to");
    public static readonly Phrase Care = new("Soins", "Care");
    public static readonly Phrase CareStops = new("vitale : les soins s’arrêtent sans elle", "vital: care stops without it");
    public static readonly Phrase CareGoesOn = new("non vitale", "not vital");
    public static readonly Phrase ObjectiveNotSet = new("non fixé : sans objectif, rien ne peut être prouvé dans les temps", "not set: without a target nothing can be proven in time");
    public static readonly Phrase LimitNotSet = new("limite non définie", "limit not defined");
    public static readonly Phrase LossNotSet = new("non fixée", "not set");
    public static readonly Phrase OwnerNotSet = new("personne n’est nommé", "nobody is named");
    public static readonly Phrase LimitHeld = new("{limit} ; tenue par le dernier test, marge {margin}", "{limit}; kept by the last test, margin {margin}");
    public static readonly Phrase LimitBroken = new("{limit} ; dépassée de {over} par le dernier test : prévoir le délestage", "{limit}; exceeded by {over} in the last test: plan to divert patients");
    public static readonly Phrase LimitUnknown = new("{limit} ; tenue : inconnu", "{limit}; kept: unknown");

    public static readonly Phrase ProofHeading = new("Preuve de reprise", "Proof of recovery");
    public static readonly Phrase ProofNone = new("aucune", "none");
    public static readonly Phrase ProofNoneNote = new(
        "Lancez un test de restauration : une vérification seule ne prouve pas la reprise.", "Run a restore test: a verification alone does not prove recovery.");
    public static readonly Phrase ProofVoid = new("sans effet", "void");
    public static readonly Phrase ProofVoidNote = new(
        "Prouvée seule le {proved}, mais un maillon de sa chaîne n’a aucune preuve. Voir « Dépend de ».", "Proven alone {proved}, but a link of its chain has no proof. See “Depends on”.");
    public static readonly Phrase ProofValid = new("expire dans {span}", "expires in {span}");
    public static readonly Phrase ProofPast = new("périmée depuis {span}", "expired for {span}");
    public static readonly Phrase ProofNote = new("Prouvée le {proved}. Expire le {expires}.", "Proven {proved}. Expires {expires}.");

    public static readonly Plural Reasons = new(new("La raison de cet état", "The reason for this state"), new("Les {count} raisons de cet état", "The {count} reasons for this state"));
    public static readonly Phrase Code = new("Code", "Code");
    public static readonly Phrase Reason = new("Raison", "Reason");
    public static readonly Phrase Entry = new("Preuve", "Evidence");
    public static readonly Phrase NoEntry = new("aucune entrée", "no entry");

    public static readonly Phrase DependsOn = new("Dépend de", "Depends on");
    public static readonly Phrase DependsOnNothing = new("Aucune dépendance déclarée.", "No dependency declared.");
    public static readonly Phrase Weakest = new("La chaîne vaut son maillon le plus faible.", "A chain is worth its weakest link.");
    public static readonly Phrase Awaited = new("Attendent cette application", "Wait for this application");
    public static readonly Phrase AwaitedNone = new("Aucune autre application n’en dépend.", "No other application depends on it.");
    public static readonly Phrase NotInCatalogue = new("absente du catalogue", "not in the catalogue");
    public static readonly Phrase Direct = new("directe", "direct");
    public static readonly Phrase Through = new("par {application}", "through {application}");
    public static readonly Phrase Relation = new("Lien", "Link");

    public static readonly Phrase Drills = new("Tests de restauration : reprise mesurée contre l’objectif", "Restore tests: measured recovery against the target");
    public static readonly Phrase DrillsNone = new(
        "Aucun test de restauration n’a jamais été enregistré pour cette application.", "No restore test was ever recorded for this application.");
    public static readonly Phrase AlarmProved = new("Alarme prouvée : « {drill} » a viré au rouge sur une copie abîmée exprès.", "Alarm proved: “{drill}” went red on a copy damaged on purpose.");
    public static readonly Phrase AlarmNotProved = new("Alarme non prouvée : « {drill} », tel qu’il est défini, n’a jamais viré au rouge sur une copie abîmée exprès. Lancez-le avec --control.", "Alarm not proved: “{drill}”, as it is defined, never went red on a copy damaged on purpose. Run it with --control.");
    public static readonly Phrase DrillsCaption = new("Tests de restauration, du plus récent au plus ancien", "Restore tests, newest first");
    public static readonly Phrase Verifications = new("Vérifications des copies", "Verifications of the copies");
    public static readonly Phrase VerificationsNote = new(
        "Nécessaires, jamais suffisantes : elles lisent la copie, elles ne la restaurent pas.", "Necessary, never sufficient: they read the copy, they do not restore it.");
    public static readonly Phrase VerificationsNone = new("Aucune vérification n’a jamais été enregistrée.", "No verification was ever recorded.");
    public static readonly Phrase VerificationsCaption = new("Vérifications, de la plus récente à la plus ancienne", "Verifications, newest first");

    public static readonly Plural TimelineTitle = new(
        new("{count} test de restauration depuis le {from}. {list}.", "{count} restore test since {from}. {list}."),
        new("{count} tests de restauration depuis le {from}. {list}.", "{count} restore tests since {from}. {list}."));
    public static readonly Phrase TimelineTarget = new("Objectif de reprise (DMIA au sens ANSSI)", "Recovery time objective (RTO)");
    public static readonly Phrase NotMeasured = new("non mesuré", "not measured");
    public static readonly Phrase Now = new("maintenant", "now");
    public static readonly Plural TimelineShown = new(
        new("Le dessin montre le dernier test ; le tableau les montre tous.", "The drawing shows the last test; the table shows them all."),
        new("Le dessin montre les {count} derniers tests ; le tableau les montre tous.", "The drawing shows the last {count} tests; the table shows them all."));
}
