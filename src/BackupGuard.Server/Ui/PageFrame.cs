namespace BackupGuard.Server.Ui;

/// <summary>Newest tree head of the evidence log.</summary>
/// <param name="RootHash">Lower-case hexadecimal.</param>
public sealed record LogHead(long Size, string RootHash)
{
    /// <summary>Id of the key that signed it, or "" where that is not shown.</summary>
    public string KeyId { get; init; } = "";

    /// <summary>On paper that is to bind the past: half of the hash, more than anybody can search through for another log whose root begins alike. Eight digits can be.</summary>
    public string PrintedRoot => string.Join(' ', RootHash.Take(32).Chunk(8).Select(c => new string(c)));

    /// <summary>Enough to compare by eye with a printed page; the whole hash stands on the evidence page.</summary>
    public string ShortRoot => RootHash.Length <= 8 ? RootHash : $"{RootHash[..4]} {RootHash[4..8]}";
}

/// <summary>What surrounds every page.</summary>
/// <param name="At">The instant for which everything on the page was computed.</param>
public sealed record PageFrame(Reader Reader, string Establishment, DateTimeOffset At)
{
    /// <summary>Null: the log could not be read, and the page says so.</summary>
    public LogHead? Log { get; init; }

    /// <summary>Who is signed in, or null.</summary>
    public string? Person { get; init; }

    /// <summary>Path and query of this page: where the language switch comes back to.</summary>
    public string Path { get; init; } = "/";

    public string StyleHref { get; init; } = SiteFile.Style.Href;

    /// <summary>False in a static file: nothing that needs a server is offered.</summary>
    public bool Served { get; init; } = true;

    /// <summary>The crisis or exercise that is running, or null.</summary>
    public ModeBandView? Mode { get; init; }

    /// <summary>What the page shows of a run, and where news of it come from; null: nothing on it can go stale while it is looked at.</summary>
    public LiveView? Live { get; init; }
}

/// <param name="Feed">Address of the events of the run.</param>
/// <param name="Line">The last line of the journal that the page shows.</param>
/// <param name="Reloads">True only for a page without a field.</param>
public sealed record LiveView(string Feed, long Line, bool Reloads);

/// <param name="Exercise">An exercise looks different by pattern, frame, word and watermark, never by hue alone.</param>
public sealed record ModeBandView(bool Exercise)
{
    public IReadOnlyList<NavLink> Links { get; init; } = [];

    /// <summary>Behind one word, by what one wants to do: at three in the morning a row of thirteen links is no help.</summary>
    public IReadOnlyList<NavGroup> More { get; init; } = [];
    public IReadOnlyList<BandClock> Clocks { get; init; } = [];
}

public sealed record NavLink(string Text, string Href, bool Current = false);

public sealed record NavGroup(string Title, IReadOnlyList<NavLink> Links);

/// <summary>An elapsed time or an hour of the day in the mode band.</summary>
public sealed record BandClock(string Label, string Value);
