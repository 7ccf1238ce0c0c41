namespace BackupGuard.Server.Ui.Texts;

public static class CopiesTexts
{
    public static readonly Phrase Title = new("Copies : {application}", "Copies: {application}");
    public static readonly Phrase Crumb = new("Copies", "Copies");
    public static readonly Phrase AnswerMet = new("Oui : chaque jeu de données a ses copies, constatées et dans leur délai.", "Yes: each dataset has its copies, seen and in their time.");
    public static readonly Phrase AnswerMissing = new("Non : il manque quelque chose à au moins un jeu de données.", "No: at least one dataset lacks something.");
    public static readonly Phrase AnswerUnknown = new("On ne le sait pas : tout n’a pas été constaté, ou les constats ont expiré.", "Nobody knows: not everything was seen, or what was seen has expired.");
    public static readonly Phrase AnswerNever = new(
        "Personne n’a jamais regardé : aucun agent n’a déclaré de copie pour cette application.", "Nobody has ever looked: no agent has declared a copy for this application.");
    public static readonly Phrase NeverToDo = new(
        "Déclarez sites, datasets et copy dans agent.yaml ; l’agent envoie ensuite ce qu’il constate.", "Declare sites, datasets and copy in agent.yaml; the agent then sends what it sees.");
    public static readonly Phrase Unsound = new(
        "Le journal ne passe pas la vérification : rien de ce qu’il dit des copies n’est montré ici.", "The log does not pass verification: nothing that it says of the copies is shown here.");

    public static readonly Phrase Heading = new("Copies 3-2-1-1-0", "Copies 3-2-1-1-0");
    public static readonly Phrase Dataset = new("Jeu de données « {dataset} »", "Dataset “{dataset}”");
    public static readonly Phrase Original = new("L’original est {where}.", "The original is {where}.");
    public static readonly Phrase OriginalAt = new("sur {medium}, site {site}", "on {medium}, site {site}");
    public static readonly Phrase NotSaid = new("un emplacement que personne n’a indiqué", "a place that nobody named");
    public static readonly Phrase Contradictory = new(
        "Les agents se contredisent sur l’original : ce qui en dépend est inconnu. Corrigez datasets dans leurs agent.yaml.", "The agents contradict each other about the original: what depends on it is unknown. Correct datasets in their agent.yaml.");
    public static readonly Phrase Old = new(
        "Un agent n’a plus rien dit de ce jeu de données depuis plus de {span} : ce qu’il avait prouvé ne compte plus.", "An agent has said nothing of this dataset for more than {span}: what it had proved no longer counts.");

    public static readonly Phrase Requirement = new("Exigence", "Requirement");
    public static readonly Phrase State = new("État", "State");
    public static readonly Phrase Evidence = new("Constats, avec leur âge", "What was seen, with its age");
    public static readonly Phrase ThreeCopies = new("3 copies, original compris", "3 copies, the original counted");
    public static readonly Phrase TwoMedia = new("2 types de support", "2 kinds of medium");
    public static readonly Phrase OneOffSite = new("1 copie hors site", "1 copy off-site");
    public static readonly Phrase OneHeld = new("1 copie hors ligne ou immuable", "1 copy offline or immutable");
    public static readonly Phrase ZeroErrors = new("0 erreur", "0 errors");
    public static readonly Phrase Met = new("Satisfait", "Met");
    public static readonly Phrase Missing = new("Manquant", "Missing");
    public static readonly Phrase Unknown = new("Inconnu", "Unknown");
    public static readonly Phrase NoEvidence = new("aucune copie n’est déclarée", "no copy is declared");
    public static readonly Phrase Ago = new("il y a {span}", "{span} ago");

    public static readonly Phrase Copies = new("Chaque copie", "Each copy");
    public static readonly Phrase Copy = new("Copie", "Copy");
    public static readonly Phrase Place = new("Support et site", "Medium and site");
    public static readonly Phrase Verification = new("Dernière vérification", "Last verification");
    public static readonly Phrase Locks = new("Immuabilité (dernier essai)", "Immutability (last probe)");
    public static readonly Phrase NeverVerified = new("Jamais vérifiée", "Never verified");
    public static readonly Phrase Proved = new("Prouvée", "Proven");
    public static readonly Phrase Failed = new("En échec", "Failed");
    public static readonly Phrase Inconclusive = new("Non concluante", "Inconclusive");
    public static readonly Phrase Expired = new("Expirée", "Expired");
    public static readonly Phrase NeverTried = new("Jamais essayée", "Never tried");
    public static readonly Phrase Exposed = new("Exposée", "Exposed");
    public static readonly Phrase Immutable = new("Immuable", "Immutable");
    public static readonly Phrase NotImmutable = new("Pas immuable", "Not immutable");
    public static readonly Phrase Horizon = new("le dernier instantané ne peut être détruit avant le {until}", "the newest snapshot cannot be destroyed before {until}");
    public static readonly Phrase HorizonPast = new("la protection du dernier instantané a pris fin le {until}", "the protection of the newest snapshot ended on {until}");
    public static readonly Phrase HorizonNone = new("le dernier instantané peut être détruit dès maintenant, ou on ne le sait pas", "the newest snapshot can be destroyed now, or it is not known");
    public static readonly Phrase HorizonVoid = new("aucune date ne peut être garantie", "no date can be promised");
    public static readonly Phrase HorizonNever = new("horizon jamais calculé", "horizon never computed");
    public static readonly Phrase Counts = new("compte jusqu’au {until}", "counts until {until}");
    public static readonly Phrase OfflineSeen = new("vue déconnectée le {day} ({role}, déclaré)", "seen disconnected on {day} ({role}, declared)");
    public static readonly Phrase OfflineNever = new("hors ligne par procédure, jamais vue déconnectée", "offline by procedure, never seen disconnected");

    public static readonly Phrase Signals = new("Est-ce encore nos données ?", "Is it still our data?");
    public static readonly Phrase SignalsNever = new(
        "Aucune vérification n’a cherché de signes de chiffrement ou de destruction. Ajoutez signals dans agent.yaml.",
        "No verification has looked for signs of encryption or destruction. Add signals in agent.yaml.");
    public static readonly Phrase Freeze = new("Gelez la rétention", "Freeze retention");
    public static readonly Phrase FreezeWhy = new(
        "Un instantané est suspect et personne n’en a répondu. Suspendez dès maintenant toute purge du dépôt {repository}.", "A snapshot is suspicious and nobody has answered for it. Stop all pruning of the repository {repository} now.");
    public static readonly Phrase Repository = new("Dépôt", "Repository");
    public static readonly Phrase Newest = new("Dernier instantané", "Newest snapshot");
    public static readonly Phrase LastClean = new("Dernier instantané sain", "Last clean snapshot");
    public static readonly Phrase LastCleanNone = new("aucun", "none");
    public static readonly Phrase LastCleanProved = new("constaté par témoins ou par test", "by canaries or a drill");
    public static readonly Phrase LastCleanNoSign = new("aucun signe vu, sans preuve", "no sign seen, not proven");
    public static readonly Phrase SignalsClean = new("Sain", "Clean");
    public static readonly Phrase SignalsNoSign = new("Aucun signe vu (ce n’est pas « sain »)", "No sign seen (not “clean”)");
    public static readonly Phrase SignalsAccepted = new("Accepté par une personne", "Accepted by a person");
    public static readonly Phrase SignalsSuspicious = new("Suspect", "Suspicious");
    public static readonly Phrase SignalsInfected = new("Chiffré ou détruit", "Encrypted or destroyed");
    public static readonly Phrase SignalsNotJudged = new("Non jugé", "Not judged");
    public static readonly Phrase Looked = new("Examiné", "Looked at");

    public static readonly Phrase Attested = new("Attesté par des tiers", "Attested by others");
    public static readonly Phrase AttestedNote = new(
        "Ce que d’autres produits disent de leurs propres tests. Ce n’est pas une preuve de BackupGuard : rien de ce tableau ne compte dans l’état ci-dessus ni dans celui de l’application.",
        "What other products say of their own tests. It is no proof of BackupGuard: nothing in this table counts in the state above or in that of the application.");
    public static readonly Phrase AttestedEntryNote = new(
        "Ce qu’un autre produit dit de ses propres tests. Ce n’est pas une preuve de BackupGuard : rien de cette entrée ne compte dans un état.",
        "What another product says of its own tests. It is no proof of BackupGuard: nothing of this entry counts in any state.");
    public static readonly Phrase Declared = new("document déclaré", "declared document");
    public static readonly Phrase AttestedNone = new("Rien n’a été repris.", "Nothing was taken in.");
    public static readonly Phrase AttestedPassed = new("Réussi, selon des tiers", "Passed, others say");
    public static readonly Phrase AttestedFailed = new("Échec, selon des tiers", "Failed, others say");
    public static readonly Phrase AttestedExpired = new("Réussi selon des tiers, expiré", "Passed, others said; expired");
    public static readonly Phrase AttestedNothing = new("Ne dit rien", "Says nothing");
    public static readonly Phrase Source = new("Source", "Source");
    public static readonly Phrase Claim = new("Ce qu’elle dit", "What it says");
    public static readonly Phrase AttestedBy = new("Repris par", "Taken in by");
    public static readonly Phrase Document = new("Document (SHA-256)", "Document (SHA-256)");
    public static readonly Phrase Remarks = new("Remarques", "Remarks");
    public static readonly Plural Tests = new(new("{count} test", "{count} test"), new("{count} tests", "{count} tests"));

    public static readonly Phrase NeverLooked = new("Jamais examiné", "Never looked at");
    public static readonly Phrase SummaryNever = new(
        "Personne n’a jamais regardé si ces données ont assez de copies, ni si l’une d’elles est hors ligne ou immuable.", "Nobody has ever looked whether these data have enough copies, nor whether one of them is offline or immutable.");
    public static readonly Plural Summary = new(
        new("{count} jeu de données : {met} satisfait, {missing} en manque, {unknown} inconnu.", "{count} dataset: {met} met, {missing} lacking, {unknown} unknown."),
        new("{count} jeux de données : {met} satisfaits, {missing} en manque, {unknown} inconnus.", "{count} datasets: {met} met, {missing} lacking, {unknown} unknown."));
    public static readonly Phrase More = new("Voir les copies, leur immuabilité et les signaux", "See the copies, their immutability and the signals");
}
