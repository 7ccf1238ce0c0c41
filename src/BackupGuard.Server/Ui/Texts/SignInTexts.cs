namespace BackupGuard.Server.Ui.Texts;

public static class SignInTexts
{
    public static readonly Phrase Title = new("Connexion", "Sign in");
    public static readonly Phrase Heading = new("Qui êtes-vous ?", "Who are you?");
    public static readonly Phrase Problem = new("La connexion n’a pas abouti", "You are not signed in");
    public static readonly Phrase Refused = new(
        "Le nom, le mot de passe ou le code ne convient pas, ou le compte est suspendu cinq minutes après trop d’essais. Vérifiez, puis réessayez ; un administrateur peut vous donner un code à usage unique.",
        "The name, the password or the code is wrong, or the account is suspended for five minutes after too many attempts. Check, then try again; an administrator can give you a one-time code.");
    public static readonly Phrase OneUse = new("Ce lien ne sert qu’une fois.", "This link works once.");
    public static readonly Phrase ByPassword = new("Avec un mot de passe", "With a password");
    public static readonly Phrase ByCode = new("Avec un code à usage unique", "With a one-time code");
    public static readonly Phrase Name = new("Nom d’utilisateur", "User name");
    public static readonly Phrase Password = new("Mot de passe", "Password");
    public static readonly Phrase Code = new("Code", "Code");
    public static readonly Phrase CodeNote = new("Affiché par le serveur au démarrage, ou donné par l’administrateur.", "Shown by the server when it starts, or given by the administrator.");
    public static readonly Phrase Submit = new("Se connecter", "Sign in");
    public static readonly Phrase SubmitCode = new("Entrer avec ce code", "Enter with this code");
}
