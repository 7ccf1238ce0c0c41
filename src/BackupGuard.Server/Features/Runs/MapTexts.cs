using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Of the run map, of a runbook in peace time, and of the shelf they stand on.</summary>
public static class MapTexts
{
    public static readonly Phrase Map = new("Carte de la conduite", "Run map");
    public static readonly Phrase MapHeading = new("Où en est « {title} » ?", "Where does “{title}” stand?");
    public static readonly Phrase PresentSteps = new("Étapes de l’état présent", "Steps of the present state");
    public static readonly Phrase Lifecycle = new("Cycle de vie", "Lifecycle");
    public static readonly Phrase Number = new("N°", "No.");
    public static readonly Phrase From = new("De", "From");
    public static readonly Phrase To = new("Vers", "To");
    public static readonly Phrase Transition = new("Passage", "Transition");
    public static readonly Phrase Votes = new("Qui signe", "Who signs");
    public static readonly Phrase NoVote = new("sans vote", "no vote");
    public static readonly Phrase Nobody = new("personne", "nobody");
    public static readonly Phrase Back = new("l’état d’où l’on vient", "the state one came from");
    public static readonly Phrase Possible = new("possible ici", "possible here");
    public static readonly Phrase Present = new("état présent", "present state");
    public static readonly Phrase Paused = new("en pause", "paused");
    public static readonly Phrase Entered = new("déjà traversé, {instant}", "been there, {instant}");
    public static readonly Phrase Numbers = new("Les numéros sont ceux du dessin.", "The numbers are those of the picture.");
    public static readonly Phrase LifecyclePicture = new("Dessin du cycle de vie", "Picture of the lifecycle");
    public static readonly Phrase StepsPicture = new("Dessin de l’ordre des étapes", "Picture of the order of the steps");
    public static readonly Phrase StepsPictureOf = new("Dessin de l’ordre des étapes : {state}", "Picture of the order of the steps: {state}");
    public static readonly Phrase TooMany = new("Il y en a trop pour un dessin qui se lise : la liste les donne tous.", "There are too many for a picture that can be read: the list has them all.");
    public static readonly Phrase AllAtOnce = new("Aucune de ces étapes n’en attend une autre : elles se font en même temps.", "None of these steps waits for another: they are done at the same time.");
    public static readonly Phrase WaitsFor = new("Attend", "Waits for");
    public static readonly Phrase Nothing = new("rien", "nothing");
    public static readonly Phrase Mermaid = new("Télécharger les dessins en texte (Mermaid)", "Download the pictures as text (Mermaid)");

    public static readonly Phrase BookNote = new("{file}, version {version}. Responsable de la relecture : {owner}. À relire avant le {date}.", "{file}, version {version}. Owner of the review: {owner}. To be reviewed before {date}.");
    public static readonly Phrase BookAnswer = new("{steps} étapes dans {states} états. Cette page se lit ; elle ne démarre rien.", "{steps} steps in {states} states. This page is for reading; it starts nothing.");
    public static readonly Phrase Triggers = new("Quand l’ouvrir", "When to open it");
    public static readonly Phrase Exit = new("Quand le fermer", "When to close it");
    public static readonly Phrase Roles = new("Rôles", "Roles");
    public static readonly Phrase Role = new("Rôle", "Role");
    public static readonly Phrase Deputy = new("Suppléant", "Deputy");
    public static readonly Phrase Persons = new("Personnes", "Persons");
    public static readonly Phrase Cards = new("Cartes", "Cards");
    public static readonly Phrase Sources = new("D’où viennent ces contenus", "Where these contents come from");
    public static readonly Phrase NoSource = new("Aucune source n’est citée.", "No source is named.");
    public static readonly Phrase Duration = new("Durée probable", "Likely duration");
    public static readonly Phrase FromDrills = new("prise des tests de restauration", "taken from restore tests");
    public static readonly Phrase InRuns = new("Mesurée en conduite", "Measured in runs");
    public static readonly Phrase InDrills = new("Mesurée aux tests", "Measured in tests");
    public static readonly Phrase NeverMeasured = new("jamais mesurée", "never measured");
    public static readonly Plural Measured = new(
        new("{half} ; {count} seule mesure, il y a {age}", "{half}; {count} measure only, {age} ago"),
        new("{half} une fois sur deux, {most} neuf fois sur dix ; {count} mesures, la plus récente il y a {age}", "{half} half of the time, {most} nine times out of ten; {count} measures, the newest {age} ago"));
    public static readonly Phrase Findings = new("À revoir dans ce plan", "To be looked at in this plan");
    public static readonly Plural FindingsOf = new(new("{count} point à revoir", "{count} point to be looked at"), new("{count} points à revoir", "{count} points to be looked at"));
    public static readonly Phrase FindingsNote = new("Ce que disent le fichier et les durées mesurées. Rien n’est bloqué.", "What the file and the measured durations say. Nothing is blocked.");
    public static readonly Phrase Unknown = new("inconnue", "unknown");
    public static readonly Phrase Deadline = new("Délai", "Time allowed");
    public static readonly Phrase Source = new("Source", "Source");
    public static readonly Phrase Proof = new("Preuve demandée", "Evidence asked for");
    public static readonly Phrase AllBooks = new("Tous les runbooks", "All runbooks");

    public static readonly Phrase Resume = new("Reprendre : {title}", "Resume: {title}");
    public static readonly Phrase Begins = new("Une crise commence", "A crisis begins");
    public static readonly Phrase Search = new("Chercher un runbook ou une carte", "Find a runbook or a card");
    public static readonly Phrase SearchHint = new("mots, ou numéro de carte comme 01-03", "words, or a card number such as 01-03");
    public static readonly Phrase Find = new("Chercher", "Find");
    public static readonly Phrase ShowAll = new("Tout montrer", "Show all");
    public static readonly Plural Found = new(new("{count} runbook pour « {query} ».", "{count} runbook for “{query}”."), new("{count} runbooks pour « {query} ».", "{count} runbooks for “{query}”."));
    public static readonly Phrase Open = new("En cours", "Going on");
    public static readonly Phrase InOrder = new("Par numéro", "By number");
    public static readonly Phrase ByService = new("Modes dégradés, par service", "Degraded modes, by service");
    public static readonly Phrase Broken = new("À corriger", "To be corrected");
    public static readonly Phrase Start = new("Démarrer", "Start");
    public static readonly Plural MoreCards = new(new("et {count} autre carte", "and {count} other card"), new("et {count} autres cartes", "and {count} other cards"));
}
