using System.Globalization;

namespace BackupGuard.Verification.Drills.Contents;

/// <summary>Reads every restored file that a pattern names, and keeps which were broken and which could not be read to their end.</summary>
internal sealed class FileReview
{
    private const int MostNamed = 20;
    private readonly List<Finding> _findings = [];
    private Words? _firstBroken, _firstUnread;

    public long Files { get; private set; }
    public long Broken { get; private set; }
    public long Unread { get; private set; }

    /// <param name="format">What such a file is called, for people.</param>
    /// <param name="read">Throws <see cref="BrokenContentException"/>; gets a seekable stream.</param>
    public static FileReview Of(ProbeScene scene, Glob glob, string format, TimeSpan timeout, TimeProvider clock, Action<RestoredEntry, Stream> read, CancellationToken cancellationToken)
    {
        var review = new FileReview();
        var began = clock.GetTimestamp();
        foreach (var entry in scene.Restored.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Kind != RestoredKind.File || !glob.Matches(entry.Path)) continue;
            if (clock.GetElapsedTime(began) > timeout)
                throw new SandboxException(string.Create(CultureInfo.InvariantCulture, $"{review.Files} files were read in {timeout.TotalSeconds:0} s, and not all"));
            review.Files++;
            review.Read(scene, entry, format, read);
        }
        return review;
    }

    private void Read(ProbeScene scene, RestoredEntry entry, string format, Action<RestoredEntry, Stream> read)
    {
        try
        {
            using var stream = RestoredPath.TryParse(entry.Path, out var path, out _) ? scene.Restored.OpenRead(path) : null;
            if (stream is null) throw new BrokenContentException(new("its name is no text, so that it cannot be opened here", "son nom n’est pas un texte, il ne peut donc pas être ouvert ici"), isLimit: true);
            read(entry, stream);
        }
        catch (BrokenContentException e) when (e.IsLimit)
        {
            Unread++;
            _firstUnread ??= e.Reason;
        }
        catch (BrokenContentException e)
        {
            Broken++;
            _firstBroken ??= e.Reason;
            if (_findings.Count < MostNamed) _findings.Add(DrillFindings.BrokenFile.AtPath(entry.Path, ("format", format), ("reason", e.Reason)));
        }
        catch (IOException e)
        {
            throw new SandboxException($"a restored file could not be read: {e.Message}", e);
        }
    }

    /// <param name="tooFew">What was counted and is less than it must be, or null.</param>
    public ProbeAnswer Answer(Said counted, Said? tooFew, IReadOnlyDictionary<string, double> measures)
    {
        if (Files == 0) return new(Verdict.Failed, new("no file matches", "aucun fichier ne correspond")) { Measures = measures };
        if (Broken > 0)
            return new(Verdict.Failed, new($"{Broken} of {Files} files are broken; the first: {_firstBroken?.En}", $"{Broken} fichiers sur {Files} sont abîmés\u00a0; le premier\u00a0: {_firstBroken?.Fr}")) { Measures = measures, Findings = _findings };
        if (tooFew is { } less) return new(Verdict.Failed, less) { Measures = measures };
        return Unread > 0
            ? new(Verdict.Inconclusive, new($"{Unread} of {Files} files could not be read to their end; the first: {_firstUnread?.En}", $"{Unread} fichiers sur {Files} n’ont pu être lus jusqu’au bout\u00a0; le premier\u00a0: {_firstUnread?.Fr}")) { Measures = measures }
            : new(Verdict.Proved, counted) { Measures = measures };
    }

    /// <summary>The negative control of a question about a format: one file among all loses its last bytes.</summary>
    /// <param name="from">How many bytes stay, by the length in bytes.</param>
    public static Said? CutOne(ProbeScene scene, Glob glob, Func<long, long> from)
    {
        if (scene.Damage is not { } damage) return null;
        foreach (var entry in scene.Restored.List())
        {
            if (entry.Kind != RestoredKind.File || !glob.Matches(entry.Path) || !RestoredPath.TryParse(entry.Path, out var path, out _)) continue;
            using var stream = damage.OpenWrite(path);
            var kept = Math.Max(0, from(stream.Length));
            var said = new Said($"one file cut from {stream.Length} to {kept} bytes", $"un fichier coupé de {stream.Length} à {kept} octets");
            stream.SetLength(kept);
            return said;
        }
        return null;
    }
}
