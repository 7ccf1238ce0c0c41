using BackupGuard.Verification.Globbing;

namespace BackupGuard.Verification.Checks.Anomaly;

public enum ProfileKind
{
    /// <summary>Encrypted by rights: TDE databases, volumes, encrypted exports. Contents are not judged, changes are counted.</summary>
    AlwaysRandom,

    /// <summary>Written anew at every run: judged inside after decompression and by its size, not counted as change.</summary>
    Dump,

    /// <summary>Grows by append, as an image archive does: a change of what is old counts, a new file does not.</summary>
    Archive,

    /// <summary>Logs, caches, mail stores: changes are not counted, contents are judged.</summary>
    Volatile,
}

/// <summary>What is normal for some paths, and why somebody says so.</summary>
/// <param name="Reason">Stands in the findings: an exception nobody can explain is none.</param>
public sealed record PathProfile(PathGlob Paths, ProfileKind Kind, string Reason);

/// <summary>A change somebody announced. Within it the counts of these paths do not vote; they are recorded, and contents and canaries are judged all the same.</summary>
public sealed record ChangeWindow(PathGlob Paths, DateTimeOffset From, DateTimeOffset Until, string Reason)
{
    /// <summary>An announcement that lasts longer is a way of looking away.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    public bool Covers(DateTimeOffset at) => at >= From && at <= Until;
}

/// <summary>What the check of one repository is told.</summary>
public sealed record AnomalySettings
{
    public IReadOnlyList<CanarySet> Canaries { get; init; } = [];
    public IReadOnlyList<PathProfile> Profiles { get; init; } = [];
    public IReadOnlyList<ChangeWindow> Windows { get; init; } = [];

    /// <summary>Changed files whose contents are looked at, per snapshot.</summary>
    public int SampleFiles { get; init; } = 200;

    /// <summary>Bound on the bytes of content read for the sample, per snapshot.</summary>
    public long SampleBytes { get; init; } = 8L << 30;

    /// <summary>How many snapshots that were never judged are gone through, newest last: the first run learns what is normal from them.</summary>
    public int Backlog { get; init; } = 40;
}

/// <summary>What the settings say about one path at one time.</summary>
internal readonly record struct PathPolicy(ProfileKind? Profile, ChangeWindow? Announced);

internal sealed class PathPolicies(AnomalySettings settings, DateTimeOffset takenAt)
{
    private readonly List<ChangeWindow> open = [.. settings.Windows.Where(w => w.Covers(takenAt))];

    public PathPolicy Of(string path)
    {
        ProfileKind? profile = null;
        foreach (var declared in settings.Profiles)
        {
            if (!declared.Paths.Matches(path)) continue;
            profile = declared.Kind;
            break;
        }
        foreach (var window in open)
            if (window.Paths.Matches(path)) return new PathPolicy(profile, window);
        return new PathPolicy(profile, null);
    }
}
