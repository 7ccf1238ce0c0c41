namespace BackupGuard.Server.Ui.Texts;

public static class ErrorTexts
{
    public static readonly Phrase Happened = new("Ce qui s’est passé", "What happened");
    public static readonly Phrase Means = new("Ce que cela veut dire", "What it means");
    public static readonly Phrase ToDo = new("Que faire maintenant", "What to do now");
    public static readonly Phrase Back = new("Revenir au portefeuille", "Back to the portfolio");
    public static readonly Phrase Reference = new("Référence à donner : {reference}", "Reference to quote: {reference}");

    public static readonly Phrase NotFoundTitle = new("Cette page n’existe pas", "This page does not exist");
    public static readonly Phrase NotFoundHappened = new("Rien ne répond à cette adresse.", "Nothing answers at this address.");
    public static readonly Phrase NotFoundMeans = new(
        "L’application a été retirée du catalogue, l’entrée n’est pas dans le journal, ou l’adresse est mal recopiée. Aucune donnée n’est perdue.",
        "The application was removed from the catalogue, the entry is not in the log, or the address was copied wrongly. No data is lost.");
    public static readonly Phrase NotFoundToDo = new("Vérifiez l’adresse, ou repartez du portefeuille.", "Check the address, or start again from the portfolio.");

    public static readonly Phrase ForbiddenTitle = new("Vous n’avez pas ce droit", "You do not have this right");
    public static readonly Phrase ForbiddenHappened = new("Vous êtes connecté, mais votre rôle ne permet pas cette page ou cette action.", "You are signed in, but your role does not allow this page or action.");
    public static readonly Phrase ForbiddenMeans = new("Rien n’a été fait. La demande est notée.", "Nothing was done. The request is recorded.");
    public static readonly Phrase ForbiddenToDo = new("Demandez le droit à l’administrateur de BackupGuard, ou changez de personne.", "Ask the BackupGuard administrator for the right, or change person.");

    public static readonly Phrase SignedOutTitle = new("Vous n’êtes plus connecté", "You are signed in no more");
    public static readonly Phrase SignedOutHappened = new("Votre connexion a pris fin avant l’envoi de ce formulaire.", "Your session ended before this form was sent.");
    public static readonly Phrase SignedOutToDo = new(
        "Ce que vous aviez écrit est ci-dessous. Connectez-vous dans un autre onglet, ouvrez la conduite et recopiez-le. En crise, notez-le d’abord sur papier.",
        "What you had written is below. Sign in in another tab, open the run and copy it there. In a crisis, write it on paper first.");
    public static readonly Phrase SignIn = new("Se connecter dans un autre onglet", "Sign in in another tab");

    public static readonly Phrase RefusedTitle = new("Le formulaire n’a pas été accepté", "The form was not accepted");
    public static readonly Phrase RefusedHappened = new("Le formulaire était trop ancien, incomplet ou venait d’une autre page.", "The form was too old, incomplete, or came from another page.");
    public static readonly Phrase RefusedMeans = new("Rien n’a été enregistré.", "Nothing was recorded.");
    public static readonly Phrase RefusedToDo = new("Revenez à la page précédente, rechargez-la et recommencez.", "Go back to the previous page, reload it and try again.");

    public static readonly Phrase NotRecordedTitle = new("Rien n’a été inscrit", "Nothing was recorded");
    public static readonly Phrase NotRecordedHappened = new("Le serveur a lu votre formulaire et ne l’a pas pris.", "The server read your form and did not take it.");
    public static readonly Phrase NotRecordedMeans = new("Cette ligne n’est pas dans le journal. Ce qui y était déjà reste.", "This line is not in the log. What was there already stays.");
    public static readonly Phrase NotRecordedToDo = new(
        "Ce que vous avez écrit est ci-dessous. Corrigez-le et renvoyez-le. En crise, notez-le d’abord sur papier.",
        "What you wrote is below. Correct it and send it again. In a crisis, write it on paper first.");

    public static readonly Phrase StoreFailsTitle = new("Le journal ne répond pas", "The log does not answer");
    public static readonly Phrase StoreFailsHappened = new("La base du serveur est pleine, occupée, injoignable, ou ne se vérifie pas.", "The server’s database is full, busy, out of reach, or does not verify.");
    public static readonly Phrase StoreFailsMeans = new(
        "Rien n’est confirmé : la ligne peut manquer. Ce qui était inscrit avant reste.",
        "Nothing is confirmed: the line may be missing. What was recorded before stays.");
    public static readonly Phrase StoreFailsToDo = new(
        "Passez au papier et prévenez l’administrateur. Laissez cette page ouverte : quand le serveur répond, renvoyez le même formulaire ; il ne s’inscrit pas deux fois.",
        "Go on with paper and tell the administrator. Leave this page open: when the server answers, send the same form again; it is not recorded twice.");

    public static readonly Phrase NoTargetHappened = new(
        "Ce formulaire vise une conduite, une étape, une ligne ou une déclaration qui n’existe pas à cette adresse. (BG3295)",
        "This form is for a run, a step, a line or a notification that does not exist at this address. (BG3295)");
    public static readonly Phrase NoTargetToDo = new(
        "Ouvrez la bonne conduite depuis la page des runbooks, ou sa conduite parente, et recopiez-y ce que vous aviez écrit : il est ci-dessous.",
        "Open the right run from the page of runbooks, or its parent run, and copy there what you had written: it is below.");

    public static readonly Phrase FailureTitle = new("Le serveur n’a pas pu répondre", "The server could not answer");
    public static readonly Phrase FailureHappened = new("Une erreur s’est produite dans BackupGuard. Elle est de notre fait, pas du vôtre.", "An error occurred in BackupGuard. It is ours, not yours.");
    public static readonly Phrase FailureMeans = new(
        "Cette page ne dit rien de vos sauvegardes : ni bonnes, ni mauvaises. Les agents gardent leurs résultats jusqu’à ce que le serveur les reçoive.",
        "This page says nothing about your backups, neither good nor bad. The agents keep their results until the server receives them.");
    public static readonly Phrase FailureToDo = new(
        "Réessayez dans une minute. Si l’erreur revient, donnez la référence ci-dessous à l’administrateur. En crise, prenez les fiches papier.",
        "Try again in a minute. If it happens again, give the reference below to the administrator. In a crisis, take the paper cards.");
}
