using System.Globalization;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.Directories;

/// <summary>What the answers of Samba's tools mean.</summary>
internal static partial class SambaAdJudge
{
    /// <summary>What every domain backup holds.</summary>
    private static readonly string[] Needed = ["private/sam.ldb", "sysvol.tar.gz", "etc/smb.conf"];

    /// <param name="names">tar's listing.</param>
    public static ProbeAnswer? Listing(RoomEnd end, string names)
    {
        if (end.TimedOut) return Answer.Unknown("listing the archive took too long", "lister l’archive a pris trop de temps");
        if (end.ExitCode != 0) return Answer.Wrong($"the archive is damaged or cut (tar, exit code {end.ExitCode})", $"l’archive est abîmée ou coupée (tar, code de sortie {end.ExitCode})");
        var held = names.Split('\n').Select(n => n.StartsWith("./", StringComparison.Ordinal) ? n[2..] : n).ToHashSet(StringComparer.Ordinal);
        return Needed.FirstOrDefault(n => !held.Contains(n)) is { } missing ? Answer.Wrong($"the archive is no Samba domain backup: it holds no {missing}", $"l’archive n’est pas une sauvegarde de domaine Samba : elle ne contient pas {missing}") : null;
    }

    /// <summary>A tool that this machine lacks, or a full disk, says nothing about the data.</summary>
    public static ProbeAnswer? Restore(RoomEnd end)
    {
        if (end.Succeeded) return null;
        if (end.TimedOut) return Answer.Unknown("restoring the domain took too long", "la restauration du domaine a pris trop de temps");
        var said = end.OutputText + end.ErrorText;
        return Answer.WasKilled(end) || OfTheMachine().Match(said) is { Success: true }
            ? Answer.Unknown($"samba-tool could not do its work on this machine (exit code {end.ExitCode}{Class(said)})", $"samba-tool n’a pas pu travailler sur cette machine (code de sortie {end.ExitCode}{Class(said)})")
            : Answer.Wrong($"the domain could not be restored (samba-tool, exit code {end.ExitCode}{Class(said)})", $"le domaine n’a pas pu être restauré (samba-tool, code de sortie {end.ExitCode}{Class(said)})");
    }

    /// <summary>dbcheck's own last line, not its exit code alone.</summary>
    public static ProbeAnswer? Check(RoomEnd end, out long objects)
    {
        objects = 0;
        if (end.TimedOut) return Answer.Unknown("samba-tool dbcheck took too long", "samba-tool dbcheck a pris trop de temps");
        if (Checked().Match(end.OutputText) is not { Success: true } sum)
            return Answer.WasKilled(end) || OfTheMachine().IsMatch(end.ErrorText)
                ? Answer.Unknown($"samba-tool dbcheck did not come to its end (exit code {end.ExitCode})", $"samba-tool dbcheck n’est pas allé au bout (code de sortie {end.ExitCode})")
                : Answer.Wrong($"samba-tool dbcheck broke off on the data (exit code {end.ExitCode}{Class(end.ErrorText)})", $"samba-tool dbcheck s’est interrompu sur les données (code de sortie {end.ExitCode}{Class(end.ErrorText)})");
        objects = long.Parse(sum.Groups["objects"].ValueSpan, CultureInfo.InvariantCulture);
        var errors = long.Parse(sum.Groups["errors"].ValueSpan, CultureInfo.InvariantCulture);
        if (objects == 0) return Answer.Wrong("samba-tool dbcheck found no object at all", "samba-tool dbcheck n’a trouvé aucun objet");
        return errors == 0 && end.ExitCode == 0 ? null
            : Answer.Wrong($"samba-tool dbcheck found {errors} errors in {objects} objects (exit code {end.ExitCode})", $"samba-tool dbcheck a trouvé {errors} erreurs dans {objects} objets (code de sortie {end.ExitCode})");
    }

    /// <param name="newest">When an account of the copy was last made, changed its password or logged on.</param>
    /// <param name="tombstone">How long deleted objects are kept; a controller older than that must not meet another.</param>
    public static ProbeAnswer? Age(DateTimeOffset? newest, DateTimeOffset startedAt, TimeSpan machinePasswordAge, TimeSpan tombstone)
    {
        if (newest is not { } at) return Answer.Unknown("the age of the copy is not known: no account carries a date before the drill", "l’âge de la copie est inconnu : aucun compte ne porte de date antérieure à l’exercice");
        var age = startedAt - at;
        var (days, daysFr) = (age.TotalDays.ToString("0.0", CultureInfo.InvariantCulture), age.TotalDays.ToString("0.0", CultureInfo.GetCultureInfo("fr-FR")));
        var rotation = machinePasswordAge.TotalDays.ToString("0.##", CultureInfo.InvariantCulture);
        if (age > tombstone)
            return Answer.Wrong($"the copy is {days} days old, older than deleted objects are kept ({tombstone.TotalDays:0} days): it must not meet another domain controller, and machines have lost their trust",
                $"la copie a {daysFr} jours, plus que la conservation des objets supprimés ({tombstone.TotalDays:0} jours) : elle ne doit rencontrer aucun autre contrôleur de domaine, et les machines ont perdu leur confiance");
        if (age > machinePasswordAge * 2)
            return Answer.Wrong($"the copy is {days} days old, more than twice the {rotation} days after which machines change their password: every machine has lost its trust in the domain and must join anew",
                $"la copie a {daysFr} jours, plus de deux fois les {rotation} jours après lesquels les machines changent de mot de passe : toutes ont perdu leur confiance dans le domaine et doivent le rejoindre à nouveau");
        if (age > machinePasswordAge)
            return Answer.Wrong($"the copy is {days} days old, more than the {rotation} days after which machines change their password: those that changed it twice since must join the domain anew",
                $"la copie a {daysFr} jours, plus que les {rotation} jours après lesquels les machines changent de mot de passe : celles qui l’ont changé deux fois depuis doivent rejoindre à nouveau le domaine");
        return null;
    }

    /// <summary>Windows' count of 100 ns since 1601; null for "never" and what is out of range.</summary>
    public static DateTimeOffset? FileTime(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks is > 0 and < 2650467743990000000 ? DateTimeOffset.FromFileTime(ticks).ToUniversalTime() : null;

    /// <summary>The kind of exception that ended a Python program: its message may hold names, its class does not.</summary>
    private static string Class(string said) => Exceptions().Matches(said) is [.., var last] ? ", " + last.Groups["class"].Value : "";

    [GeneratedRegex("No space left|Permission denied|ModuleNotFoundError|ImportError|Disk quota|PANIC|Cannot allocate memory")]
    private static partial Regex OfTheMachine();

    [GeneratedRegex(@"^Checked (?<objects>\d{1,12}) objects \((?<errors>\d{1,12}) errors\)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Checked();

    [GeneratedRegex(@"^ERROR\((<class ')?(?<class>[A-Za-z_.]{1,40})|^(?<class>[A-Za-z_.]{1,40}(Error|Exception))\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Exceptions();
}
