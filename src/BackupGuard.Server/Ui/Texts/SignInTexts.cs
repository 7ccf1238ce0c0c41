namespace BackupGuard.Server.Ui.Texts;

public static class SignInTexts
{
    public static readonly Phrase Title = new("Connexion", "Sign in");
    public static readonly Phrase Heading = new("Qui êtes-vous ?", "Who are you?");
    public static readonly Phrase Problem = new("La connexion n’a pas abouti", "You are not signed in");
    public static readonly Phrase WrongPassword = new(
        "Le nom ou le mot de passe ne correspond pas. Vérifiez le verrouillage des majuscules, puis réessayez.", "The name or the password does not match. Check Caps Lock, then try again.");
    public static readonly Phrase WrongCode = new(
        "Ce code ne vaut rien ou a déjà servi. Demandez-en un nouveau.", "This code is not valid or was already used. Ask for a new one.");
    public static readonly Phrase TooMany = new(
        "Trop d’essais. Attendez une minute avant de réessayer.", "Too many attempts. Wait a minute before trying again.");
    public static readonly Phrase ByPassword = new("Avec un mot de passe", "With a password");
    public static readonly Phrase ByCode = new("Avec un code à usage unique", "With a one-time code");
    public static readonly Phrase Name = new("Nom d’utilisateur", "User name");
    public static readonly Phrase Password = new("Mot de passe", "Password");
    public static readonly Phrase Code = new("Code", "Code");
    public static readonly Phrase CodeNote = new("Affiché par le serveur au démarrage, ou donné par l’administrateur.", "Shown by the server when it starts, or given by the administrator.");
    public static readonly Phrase Submit = new("Se connecter", "Sign in");
    public static readonly Phrase SubmitCode = new("Entrer avec ce code", "Enter with this code");
}
