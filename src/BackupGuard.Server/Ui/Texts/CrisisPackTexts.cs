namespace BackupGuard.Server.Ui.Texts;

public static class CrisisPackTexts
{
    public static readonly Phrase Title = new("pack de crise hors ligne", "offline crisis pack");
    public static readonly Phrase Home = new("Tout ce qu’il faut sans le serveur", "All that is needed without the server");
    public static readonly Phrase Stale = new("Périmé après le {day} : passé ce jour, prenez un pack plus récent ou vérifiez chaque numéro.", "Out of date after {day}: from then on take a newer pack, or check every number.");
    public static readonly Phrase Back = new("Retour au sommaire du pack", "Back to the start of the pack");
    public static readonly Phrase ReadMe = new(
        "Ouvrez index.html dans un navigateur, depuis la clé USB ou le disque. Ni réseau ni script. Il contient des données personnelles : clé chiffrée, sous clé.",
        "Open index.html in a browser, from the USB stick or the disk. No network, no script. It holds personal data: an encrypted stick, locked away.");
    public static readonly Phrase Incomplete = new("Ce pack est incomplet", "This pack is incomplete");
    public static readonly Phrase NoRunbooks = new("Aucun runbook : le serveur n’a pas de dossier de runbooks, ou il est vide.", "No runbook: the server has no folder of runbooks, or it is empty.");
    public static readonly Phrase SomeUnusable = new("Des fichiers de runbook ne peuvent pas être lus par le programme. Leur texte est là, sans cartes.", "Some runbook files cannot be read by the program. Their text is here, without cards.");
    public static readonly Phrase ContactsUnreadable = new("L’annuaire n’a pas pu être lu quand ce pack a été fait.", "The directory could not be read when this pack was made.");
    public static readonly Phrase ContactsEmpty = new("L’annuaire est vide.", "The directory is empty.");
    public static readonly Phrase NoCatalogue = new("Aucun catalogue d’applications : l’ordre de reprise est inconnu.", "No catalogue of applications: the recovery order is unknown.");
    public static readonly Phrase ReadinessUnknown = new("Préparation : inconnue. Elle n’a pas pu être calculée quand ce pack a été fait.", "Readiness: unknown. It could not be computed when this pack was made.");
    public static readonly Phrase NoLegal = new("Aucun fichier d’échéances légales dans le dossier des runbooks.", "No file of legal clocks in the folder of runbooks.");
    public static readonly Phrase LogUnreadable = new("Le journal de preuves n’a pas pu être lu : ce pack ne porte pas de point de contrôle.", "The evidence log could not be read: this pack carries no checkpoint.");

    public static readonly Phrase Degraded = new("Modes dégradés", "Degraded modes");
    public static readonly Phrase AllDegraded = new("Toutes les fiches de service sur une page", "All sheets of units on one page");
    public static readonly Phrase NoDegraded = new("Aucune fiche de mode dégradé dans ce pack.", "No sheet of degraded mode in this pack.");
    public static readonly Phrase Unusable = new("Fichiers inutilisables", "Files that cannot be used");
    public static readonly Phrase UnusableWarning = new("Le programme ne peut pas lire ce runbook. Voici son texte tel quel : un humain peut le suivre.", "The program cannot read this runbook. Here is its text as it is: a human can follow it.");
    public static readonly Phrase NoText = new("Le fichier lui-même n’a pas pu être lu, ou dépasse 1 Mo.", "The file itself could not be read, or is larger than 1 MB.");
    public static readonly Phrase Others = new("Le reste", "The rest");
    public static readonly Phrase Cards = new("cartes", "cards");
    public static readonly Phrase Legal = new("Échéances légales", "Legal clocks");
    public static readonly Phrase LegalNote = new("Lignes des fichiers de l’établissement. Ce n’est pas un avis juridique : le juriste et le DPO décident. « Texte non vérifié » : personne n’a encore comparé la ligne au texte officiel.", "Rows of the establishment’s own files. This is not legal advice: the legal officer and the DPO decide. “Text not verified”: nobody has yet compared the row with the official text.");
    public static readonly Phrase LegalFault = new("Ce fichier a des fautes : le programme n’en fait pas de tableau. Voici son texte tel quel ; appelez le juriste ou le DPO avant de vous y fier.", "This file has faults: the program makes no table of it. Here is its text as it is; call the legal officer or the DPO before you rely on it.");
    public static readonly Phrase LegalUnusable = new("Un fichier d’échéances légales ne peut pas être lu par le programme. Son texte est là, sans tableau.", "A file of legal clocks cannot be read by the program. Its text is here, without a table.");
    public static readonly Phrase Line = new("ligne {line}", "line {line}");
    public static readonly Phrase Whom = new("Qui prévenir", "Whom to tell");
    public static readonly Phrase Means = new("Par quel moyen, quoi dire", "By which means, what to say");
    public static readonly Phrase Declares = new("le déclare : {roles}", "declares it: {roles}");
    public static readonly Phrase NoNumber = new("aucun numéro dans le fichier", "no number in the file");
    public static readonly Phrase Tell = new("À dire : {fields}", "To be said: {fields}");
    public static readonly Phrase Order = new("Ordre de reprise", "Recovery order");
    public static readonly Phrase OrderNote = new("D’après les dépendances déclarées seules : une vague attend celles d’avant. Ni durées ni équipes ici.", "By the declared dependencies alone: a wave waits for those before. No durations and no crews here.");
    public static readonly Phrase Wave = new("Vague", "Wave");
    public static readonly Phrase Circle = new("dépendances en boucle ou non déclarées", "dependencies in a circle or not declared");
    public static readonly Phrase Needs = new("Attend d’abord", "Waits for");
    public static readonly Phrase NeedsNothing = new("rien", "nothing");
    public static readonly Phrase Objective = new("DMIA (objectif, sens ANSSI)", "Recovery time objective");
    public static readonly Phrase Limit = new("Limite absolue", "Absolute limit");
    public static readonly Phrase LimitUndefined = new("limite non définie", "limit not defined");
    public static readonly Phrase NotDecided = new("non décidé", "not decided");
    public static readonly Phrase Owner = new("Responsable", "Owner");
    public static readonly Phrase Unknown = new("inconnu", "unknown");
    public static readonly Phrase Readiness = new("Préparation des sauvegardes", "Readiness of the backups");
    public static readonly Phrase ReadinessNote = new(
        "Calculé le {instant}. Une preuve s’éteint le jour de sa colonne « expire » : après, plus rien n’est prouvé.",
        "Computed {instant}. A proof ends on the day of its column “expires”: after that nothing is proved.");
    public static readonly Phrase Expires = new("Expire", "Expires");
    public static readonly Phrase Sheets = new("Feuilles de main courante", "Log sheets");
    public static readonly Phrase Check = new("Vérifier ce pack", "Check this pack");
    public static readonly Phrase CheckHow = new(
        "Sur une machine où le programme est installé. Comparez la clé et la racine avec celles que vous avez gardées ailleurs : un faux pack porterait les siennes.",
        "On a machine where the program is installed. Compare the key and the root with those that you kept elsewhere: a forged pack would carry its own.");

    public static readonly Phrase RawText = new("texte du fichier", "text of the file");
    public static readonly Phrase Review = new("À relire par {owner} avant le {day}.", "To be reviewed by {owner} before {day}.");
    public static readonly Phrase Triggers = new("Quand le lancer", "When to start it");
    public static readonly Phrase Exit = new("Fini quand :", "Finished when:");
    public static readonly Phrase Role = new("Rôle", "Role");
    public static readonly Phrase Deputy = new("Suppléant", "Deputy");
    public static readonly Phrase State = new("État :", "State:");
    public static readonly Phrase Final = new("fin", "end");
    public static readonly Phrase Transitions = new("Passages possibles", "Possible transitions");
    public static readonly Phrase PreviousState = new("l’état d’avant", "the state before");
    public static readonly Phrase ReasonRequired = new("motif obligatoire", "reason required");
    public static readonly Phrase Guard = new("condition :", "condition:");
    public static readonly Phrase Facts = new("Faits à tenir à jour", "Facts to keep up to date");
    public static readonly Phrase Sources = new("Sources", "Sources");
    public static readonly Phrase Repeat = new("revient toutes les {span}", "comes back every {span}");
    public static readonly Phrase After = new("Après :", "After:");
    public static readonly Phrase ByHand = new("À la main, si la machine ne le fait pas :", "By hand, if the machine does not do it:");
    public static readonly Phrase Proof = new("Preuve :", "Proof:");
    public static readonly Phrase Replaces = new("Remplace", "Replaces");
    public static readonly Phrase StartWhen = new("Démarre quand", "Starts when");
    public static readonly Phrase EtaBlank = new("annoncé : ____ h ____, par ____________ à ____ h ____ (ou « inconnu »)", "announced: ____ h ____, by ____________ at ____ h ____ (or “unknown”)");
    public static readonly Phrase Sustainable = new("Tenable", "Sustainable");
    public static readonly Phrase Reentry = new("Ressaisie par", "Re-entry by");
    public static readonly Phrase Kit = new("Dans la caisse", "In the box");
    public static readonly Phrase Do = new("À faire", "To do");
    public static readonly Phrase WholeRunbook = new("Le runbook entier", "The whole runbook");

    public static readonly Phrase PageTitle = new("Pack de crise", "Crisis pack");
    public static readonly Phrase PageQuestion = new("Que reste-t-il si ce serveur tombe ?", "What is left if this server falls?");
    public static readonly Phrase PageNote = new(
        "Un zip signé de pages simples : runbooks, cartes, annuaire, ordre de reprise, préparation. Il s’ouvre depuis une clé USB, sans réseau ni script. Il contient des données personnelles : clé chiffrée, sous clé, et détruite quand la suivante est faite.",
        "A signed zip of plain pages: runbooks, cards, directory, recovery order, readiness. It opens from a USB stick, without network or script. It holds personal data: an encrypted stick, locked away, and destroyed when the next one is made.");
    public static readonly Phrase Make = new("Faire un pack et le télécharger", "Make a pack and download it");
    public static readonly Phrase MakeNote = new("Le fichier téléchargé n’est pas gardé ici : son âge n’est pas suivi.", "The file that you download is not kept here: its age is not followed.");
    public static readonly Phrase Nightly = new("Packs gardés chaque nuit", "Packs kept each night");
    public static readonly Phrase Kept = new("{file}, fait il y a {span}", "{file}, made {span} ago");
    public static readonly Phrase Fresh = new("Le dernier pack de crise gardé a été fait il y a {span}.", "The last crisis pack that was kept was made {span} ago.");
    public static readonly Phrase Old = new("▲ Le dernier pack de crise gardé a {span} : il est périmé depuis qu’il a dépassé 7 jours.", "▲ The last crisis pack that was kept is {span} old: it has been out of date since it passed 7 days.");
    public static readonly Phrase None = new("▲ Aucun pack de crise n’est gardé : si ce serveur tombe, ses runbooks et son annuaire tombent avec lui.", "▲ No crisis pack is kept: if this server falls, its runbooks and its directory fall with it.");
    public static readonly Phrase NotConfigured = new("Aucun dossier n’est réglé pour les packs de la nuit (--crisis-packs au démarrage du serveur).", "No folder is set for nightly packs (--crisis-packs when the server starts).");
    public static readonly Phrase Failed = new("▲ Le dernier essai a échoué : {reason}", "▲ The last attempt failed: {reason}");
    public static readonly Phrase Link = new("Pack de crise", "Crisis pack");
}
