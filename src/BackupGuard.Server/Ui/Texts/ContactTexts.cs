namespace BackupGuard.Server.Ui.Texts;

public static class ContactTexts
{
    public static readonly Phrase Title = new("Annuaire de crise", "Crisis directory");
    public static readonly Phrase Question = new("Qui appeler, et comment ?", "Whom to call, and how?");
    public static readonly Plural Answer = new(
        new("{count} contact. {tested}", "{count} contact. {tested}"),
        new("{count} contacts. {tested}", "{count} contacts. {tested}"));
    public static readonly Phrase Empty = new(
        "L’annuaire est vide : sans lui, la cellule n’appellera personne quand la messagerie et l’intranet seront perdus.",
        "The directory is empty: without it the crisis cell will call nobody once mail and the intranet are gone.");
    public static readonly Phrase AllTested = new("Tous ont été joints depuis moins de 90 jours.", "All were reached less than 90 days ago.");
    public static readonly Plural SomeUntested = new(
        new("{count} n’a pas été joint depuis 90 jours : personne ne sait si son numéro répond.", "{count} was not reached for 90 days: nobody knows whether the number answers."),
        new("{count} n’ont pas été joints depuis 90 jours : personne ne sait si leurs numéros répondent.", "{count} were not reached for 90 days: nobody knows whether their numbers answer."));
    public static readonly Phrase NoneFound = new("Personne ne correspond à « {search} ».", "Nobody matches “{search}”.");
    public static readonly Phrase SearchLabel = new("Nom, fonction ou rôle", "Name, function or role");
    public static readonly Phrase Search = new("Chercher", "Search");
    public static readonly Phrase ShowAll = new("Tout afficher", "Show all");

    public static readonly Phrase Kind = new("Type", "Kind");
    public static readonly Phrase Person = new("Personne", "Person");
    public static readonly Phrase Supplier = new("Fournisseur", "Supplier");
    public static readonly Phrase Authority = new("Autorité", "Authority");
    public static readonly Phrase Name = new("Nom", "Name");
    public static readonly Phrase Function = new("Fonction", "Function");
    public static readonly Phrase Roles = new("Rôles", "Roles");
    public static readonly Phrase RolesHint = new("mots des runbooks, séparés par une espace : rssi dsi", "words of the runbooks, with a space between: rssi dsi");
    public static readonly Phrase Phones = new("Téléphones, dans l’ordre d’appel", "Phones, in the order to call");
    public static readonly Phrase PhonesHint = new("un par ligne, 6 au plus", "one a line, 6 at most");
    public static readonly Phrase Other = new("Autre canal", "Other channel");
    public static readonly Phrase OtherHint = new("radio, fax, adresse, coursier", "radio, fax, address, runner");
    public static readonly Phrase Reachable = new("Joignable", "Reachable");
    public static readonly Phrase ReachableHint = new("quand : 24 h sur 24, heures ouvrées…", "when: round the clock, office hours…");
    public static readonly Phrase Contract = new("N° de contrat", "Contract number");
    public static readonly Phrase Note = new("Note", "Note");
    public static readonly Phrase NoteHint = new("rien sur un patient, aucun mot de passe", "nothing about a patient, no password");
    public static readonly Phrase Tested = new("Dernier essai", "Last test");
    public static readonly Phrase TestedAgo = new("joint il y a {span}, par {name}", "reached {span} ago, by {name}");
    public static readonly Phrase TestedLongAgo = new("▲ plus joint depuis {span}", "▲ not reached for {span}");
    public static readonly Phrase TestedInFuture = new("▲ date d’essai impossible", "▲ impossible test date");
    public static readonly Phrase NeverTested = new("▲ jamais joint", "▲ never reached");
    public static readonly Phrase NoPhone = new("aucun numéro", "no number");
    public static readonly Phrase Unknown = new("inconnu", "unknown");

    public static readonly Phrase Reached = new("Joint à l’instant", "Reached just now");
    public static readonly Phrase ReachedName = new("{name} : joint à l’instant", "{name}: reached just now");
    public static readonly Phrase Edit = new("Corriger", "Correct");
    public static readonly Phrase Add = new("Ajouter un contact", "Add a contact");
    public static readonly Phrase AddHeading = new("Nouveau contact", "New contact");
    public static readonly Phrase Save = new("Enregistrer", "Save");
    public static readonly Phrase SaveNote = new(
        "Changer un numéro ou l’autre canal efface la date d’essai : le nouveau n’a été essayé par personne.",
        "A change of a number or of the other channel takes the date of the test away: nobody has tried the new one.");
    public static readonly Phrase Remove = new("Retirer de l’annuaire", "Remove from the directory");
    public static readonly Phrase RemoveNote = new(
        "Il est effacé ici. Les packs hors ligne et les feuilles déjà imprimés le gardent : détruisez-les.",
        "It is erased here. Offline packs and sheets that were made before keep it: destroy them.");
    public static readonly Phrase Back = new("Retour à l’annuaire", "Back to the directory");
    public static readonly Phrase Print = new("Feuille A4 à imprimer", "A4 sheet to print");
    public static readonly Phrase PrintNote = new("À imprimer (A4) et à ranger avec les cartes. Données personnelles : pas d’affichage public.", "Print it (A4) and keep it with the cards. Personal data: do not post it.");
    public static readonly Phrase Export = new("Exporter (CSV)", "Export (CSV)");
    public static readonly Phrase ImportHeading = new("Importer un fichier CSV", "Import a CSV file");
    public static readonly Phrase ImportNote = new(
        "Même forme que l’export : point-virgule, UTF-8. Ajoute et met à jour par type et nom ; qui n’est pas dans le fichier reste. Une ligne fausse, et rien n’est pris.",
        "The form of the export: semicolons, UTF-8. It adds, and updates by kind and name; who is not in the file stays. One bad line, and nothing is taken.");
    public static readonly Phrase File = new("Fichier", "File");
    public static readonly Phrase Import = new("Importer", "Import");
    public static readonly Phrase Imported = new("Importé : {added} ajoutés, {changed} mis à jour.", "Imported: {added} added, {changed} updated.");
    public static readonly Phrase NotImported = new("Rien n’a été importé.", "Nothing was imported.");
    public static readonly Phrase Line = new("Ligne {line} :", "Line {line}:");
    public static readonly Phrase NotSaved = new("Rien n’a été enregistré.", "Nothing was saved.");

    public static readonly Phrase NameMissing = new("Le nom manque.", "The name is missing.");
    public static readonly Phrase TooLong = new("Un champ est trop long (note : 500 caractères, téléphone : 40) ou contient un caractère de commande.", "A field is too long (note: 500 characters, phone: 40) or holds a control character.");
    public static readonly Phrase TooManyPhones = new("Six téléphones au plus.", "Six phones at most.");
    public static readonly Phrase NoChannel = new("Il faut au moins un téléphone ou un autre canal.", "At least one phone or another channel is needed.");
    public static readonly Phrase BadRole = new("Un rôle est un mot en minuscules, avec des traits d’union : equipe-sys. Dix au plus.", "A role is a word in lower case, with hyphens: equipe-sys. Ten at most.");
    public static readonly Phrase Gone = new("Ce contact a été retiré entre-temps.", "This contact was removed meanwhile.");
    public static readonly Phrase TooManyContacts = new("L’annuaire ne tient pas plus de 5 000 contacts.", "The directory holds 5,000 contacts at most.");
    public static readonly Phrase FileTooLarge = new("Le fichier dépasse 1 Mo.", "The file is larger than 1 MB.");
    public static readonly Phrase FileEmpty = new("Le fichier ne contient aucun contact.", "The file holds no contact.");
    public static readonly Phrase NotUtf8 = new("Le fichier n’est pas en UTF-8. Enregistrez-le en « CSV UTF-8 ».", "The file is not in UTF-8. Save it as “CSV UTF-8”.");
    public static readonly Phrase BadHeader = new(
        "La première ligne doit être celle d’un fichier exporté d’ici, sans rien y changer.",
        "The first line must be that of a file exported from here, unchanged.");
    public static readonly Phrase BadColumns = new("Il faut onze colonnes, séparées par des points-virgules.", "Eleven columns are needed, with semicolons between.");
    public static readonly Phrase BadQuotes = new("Un guillemet n’est pas fermé, ou n’est pas à sa place.", "A quotation mark is not closed, or not in its place.");
    public static readonly Phrase BadKind = new("Le type est personne, fournisseur ou autorite.", "The kind is personne, fournisseur or autorite.");
    public static readonly Phrase BadTest = new("Un essai a une date passée (2026-11-22) et le nom de qui l’a fait, ou rien.", "A test has a date in the past (2026-11-22) and the name of who did it, or nothing.");
    public static readonly Phrase Twice = new("Ce type et ce nom sont déjà plus haut dans le fichier.", "This kind and name stand higher up in the file already.");
    public static readonly Phrase TwiceHere = new("L’annuaire a deux fois le même type et le même nom : corrigez-les d’abord ici.", "The directory has the same kind and name twice: correct them here first.");
}
