namespace BackupGuard.Server.Ui.Texts;

public static class LayoutTexts
{
    public static readonly Phrase Skip = new("Aller au contenu", "Skip to content");
    public static readonly Phrase Main = new("Principal", "Main");
    public static readonly Phrase Portfolio = new("Portefeuille", "Portfolio");
    public static readonly Phrase Tests = new("Tests", "Tests");
    public static readonly Phrase Runbooks = new("Runbooks", "Runbooks");
    public static readonly Phrase Contacts = new("Annuaire", "Directory");
    public static readonly Phrase Report = new("Rapports", "Reports");
    public static readonly Phrase Evidence = new("Preuves", "Evidence");
    public static readonly Phrase SignIn = new("Se connecter", "Sign in");
    public static readonly Phrase SignOut = new("Se déconnecter", "Sign out");

    /// <summary>Each language is named in itself, and offered in the other.</summary>
    public static readonly Phrase OtherLanguage = new("English", "Français");

    public static readonly Phrase NoEstablishment = new("établissement non déclaré", "establishment not declared");
    public static readonly Phrase Title = new("{page} – {hospital}", "{page} – {hospital}");
    public static readonly Phrase Calculated = new(
        "Calculé le {instant}, fuseau {zone}.", "Computed {instant}, {zone} time.");
    public static readonly Plural Log = new(
        new("Journal des preuves : {count} entrée, racine {root}.", "Evidence log: {count} entry, root {root}."),
        new("Journal des preuves : {count} entrées, racine {root}.", "Evidence log: {count} entries, root {root}."));
    public static readonly Phrase LogEmpty = new("Journal des preuves : aucune entrée.", "Evidence log: no entry.");
    public static readonly Phrase LogUnknown = new(
        "Journal des preuves : illisible en ce moment. Rien sur cette page ne peut être vérifié.",
        "Evidence log: not readable right now. Nothing on this page can be verified.");
    public static readonly Phrase Entry = new("n° {number}", "no. {number}");

    public static readonly Phrase MorePages = new("Autres pages", "Other pages");
    public static readonly Phrase Crisis = new("Crise", "Crisis");
    public static readonly Phrase Live = new("CRISE RÉELLE", "REAL CRISIS");
    public static readonly Phrase Exercise = new("EXERCICE", "EXERCISE");
    public static readonly Phrase Pages = new("Pages", "Pages");
    public static readonly Phrase Newer = new("Plus récents", "Newer");
    public static readonly Phrase Older = new("Plus anciens", "Older");
    public static readonly Phrase Direct = new("En direct", "Live");
    public static readonly Phrase NotDirect = new("Pas en direct depuis", "Not live since");
    public static readonly Phrase News = new("La conduite a changé.", "The run has changed.");
    public static readonly Phrase Reload = new("Recharger la page", "Reload the page");
}
