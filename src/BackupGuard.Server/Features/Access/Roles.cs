using System.Text.RegularExpressions;

namespace BackupGuard.Server.Features.Access;

/// <summary>The roles that the server itself knows. Runbooks declare more: a role is any kebab-case word.</summary>
internal static partial class Roles
{
    public const string Administrator = "administrateur";

    public static IReadOnlyList<string> Known { get; } =
        [Administrator, "directeur-crise", "rssi", "dsi", "secretaire", "equipe-sys", "referent-soins", "communication", "logistique", "animateur", "observateur", "lecteur"];

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex Word { get; }

    public static bool IsWellFormed(string role) => role.Length <= 40 && Word.IsMatch(role);
}
