using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BackupGuard.Server.Ui;

/// <summary>Every address of the site. French, like the people who type them from paper.</summary>
public static class Urls
{
    public const string Portfolio = "/";
    public const string Tests = "/tests";
    public const string Calendar = "/tests/calendrier";
    public const string Runbooks = "/runbooks";
    public const string Contacts = "/annuaire";
    public const string CrisisPack = "/pack-de-crise";
    public const string Report = "/rapport";
    public const string EvidenceList = "/preuves";
    public const string EvidencePack = "/preuves/dossier";
    public const string SignIn = "/connexion";
    public const string SignInCode = "/connexion/code";
    public const string SignOut = "/deconnexion";
    public const string Language = "/langue";

    public static string Application(string id) => "/applications/" + Uri.EscapeDataString(id);

    public static string Copies(string applicationId) => Application(applicationId) + "/copies";

    public static string PlanCards(string runbook) => $"{Runbooks}/{Uri.EscapeDataString(runbook)}/cartes";

    public static string Contact(string id) => Contacts + "/" + Uri.EscapeDataString(id);

    public static string Evidence(long sequence) => EvidenceList + "/" + sequence.ToString(CultureInfo.InvariantCulture);

    /// <summary>A page of this site and no other: what a redirect may follow.</summary>
    public static bool IsLocal([NotNullWhen(true)] string? url) =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl);
}
