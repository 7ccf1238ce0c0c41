using System.Globalization;
using System.IO.Compression;

namespace BackupGuard.Verification.Drills.Scans;

/// <summary>Ways to a clamd of this machine.</summary>
/// <remarks>Every failure to reach one, and every answer that breaks off, MUST be a <see cref="SandboxException"/>.</remarks>
public interface IClamdSockets
{
    /// <summary>The socket of a clamd that answers, where distributions put it; null when there is none.</summary>
    Task<string?> FindAsync(CancellationToken cancellationToken);

    /// <summary>One command without content (VERSION), and the answer.</summary>
    Task<string> AskAsync(string socket, string command, CancellationToken cancellationToken);

    /// <summary>INSTREAM: the content goes through the socket, and the daemon needs no right on the file. It may answer before it has taken all.</summary>
    Task<string> ScanAsync(string socket, Stream content, CancellationToken cancellationToken);

    /// <summary>A file of this machine that agent.yaml names.</summary>
    Stream OpenSample(string path);
}

/// <summary>One scan by clamd, which says less of itself than clamscan: so it has to show first that it has signatures and that it tells when a limit stops it.</summary>
internal sealed class ClamdScan(ClamavScan scan, ProbeScene scene, IClamdSockets daemons, TimeProvider clock, string socket)
{
    private const int MostNamed = 20;

    /// <summary>Deeper than any archive that clamd unpacks by default (MaxRecursion 17).</summary>
    private const int TooDeep = 60;

    private static readonly Said OverLimits = new("it is larger than what clamd takes, or its limits stopped it", "il dépasse ce que clamd accepte, ou ses limites l’ont arrêté");

    /// <summary>Why its silence would mean nothing, or null.</summary>
    public async Task<Said?> UnfitAsync(CancellationToken cancellationToken)
    {
        using (var sample = scan.Sample is { } path ? daemons.OpenSample(path) : new MemoryStream(Hits.TestFile()))
            if (Reply.Read(await daemons.ScanAsync(socket, sample, cancellationToken)) is not { Signature: { } found } || found.StartsWith(ClamavScans.LimitReached, StringComparison.Ordinal))
                return new("clamd does not recognise a file that must be recognised", "clamd ne reconnaît pas un fichier qui doit l’être");
        using var deep = new MemoryStream(Nested());
        var told = Reply.Read(await daemons.ScanAsync(socket, deep, cancellationToken)).Signature?.StartsWith(ClamavScans.LimitReached, StringComparison.Ordinal) ?? false;
        return told || scan.MayExceedLimits ? null : new("clamd does not tell when its limits keep it from looking; set AlertExceedsMax yes in clamd.conf", "clamd ne dit pas quand ses limites l’empêchent d’examiner ; mettez AlertExceedsMax yes dans clamd.conf");
    }

    public async Task<ProbeAnswer> RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(scan.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (await UnfitAsync(either.Token) is { } unfit) return Open(unfit, new Dictionary<string, double>());
            return Judge(await LookAsync(either.Token), await daemons.AskAsync(socket, "VERSION", either.Token));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Open(new("it did not end in time", "elle n’a pas fini à temps"), new Dictionary<string, double>());
        }
    }

    private async Task<Looked> LookAsync(CancellationToken cancellationToken)
    {
        var looked = new Looked();
        foreach (var entry in scene.Restored.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            // There is nothing in an empty file, and clamscan counts none either.
            if (entry is not { Kind: RestoredKind.File, LengthBytes: > 0 }) continue;
            looked.Files++;
            using var content = scene.Restored.OpenRead(Engines.Answer.PathOf(entry)) ?? throw new SandboxException("a restored file went away during the scan");
            var reply = Reply.Read(await daemons.ScanAsync(socket, content, cancellationToken));
            if (reply.IsTooLarge || reply.Signature?.StartsWith(ClamavScans.LimitReached, StringComparison.Ordinal) == true) looked.Over.Add(entry.Path);
            else if (reply.Signature is { } signature) looked.Hits.Add((entry.Path, signature));
            else if (reply.IsClean) looked.Clean++;
        }
        return looked;
    }

    private ProbeAnswer Judge(Looked looked, string version)
    {
        var age = ClamavScans.AgeOf(version, scene.StartedAt);
        var measures = new Dictionary<string, double> { ["files"] = looked.Files, ["over the limits"] = looked.Over.Count };
        if (age is { } days) measures["signatures' age in days"] = Math.Round(days.TotalDays, 1);
        Finding[] over = [.. looked.Over.Take(MostNamed).Select(p => DrillFindings.NotScanned.AtPath(p, ("scanner", "clamd"), ("reason", OverLimits.English), ("reasonFr", OverLimits.French)))];
        if (looked.Hits.Count > 0) return Hits.Found("ClamAV", looked.Hits, measures) is var found ? found with { Findings = [.. found.Findings, .. over] } : found;
        var seen = looked.Clean + looked.Over.Count;
        var open = looked.Files == 0 ? Hits.NothingThere
            : seen < looked.Files ? new Said($"it answered for {seen} of {looked.Files} files", $"elle a répondu pour {seen} fichiers sur {looked.Files}")
            : looked.Over.Count > 0 && !scan.MayExceedLimits ? new Said($"its limits kept it from looking at all of {looked.Over.Count} files", $"ses limites l’ont empêchée d’examiner tout de {looked.Over.Count} fichiers")
            : scan.MaxAge is not { } oldest ? (Said?)null
            : age is null || age < -ClamavScans.AClockApart ? new Said("nobody knows how old its signatures are", "on ne sait pas de quand datent ses signatures")
            : age > oldest ? new Said(string.Create(CultureInfo.InvariantCulture, $"its signatures are {age.Value.TotalDays:0} days old"), string.Create(CultureInfo.InvariantCulture, $"ses signatures ont {age.Value.TotalDays:0} jours"))
            : null;
        if (open is { } why) return Open(why, measures) with { Findings = over };
        var aside = looked.Over.Count == 0 ? new Said("", "") : new($"; {looked.Over.Count} only in part or not at all, for its limits", $"\u00a0; {looked.Over.Count} en partie ou pas du tout, à cause de ses limites");
        return new(Verdict.Proved, new($"nothing found in {looked.Clean} files by clamd{aside.English}", $"rien trouvé dans {looked.Clean} fichiers par clamd{aside.French}")) { Measures = measures, Findings = over };
    }

    private static ProbeAnswer Open(Said why, Dictionary<string, double> measures) =>
        new(Verdict.Inconclusive, new("the scan says nothing: " + why.English, "l’analyse ne dit rien\u00a0: " + why.French)) { Measures = measures };

    /// <summary>An archive in an archive, and so on: nothing harmful, but deeper than it may go.</summary>
    private static byte[] Nested()
    {
        var inner = "deep"u8.ToArray();
        for (var level = 0; level < TooDeep; level++)
        {
            using var bytes = new MemoryStream();
            using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            using (var entry = zip.CreateEntry("a.zip", CompressionLevel.NoCompression).Open())
                entry.Write(inner);
            inner = bytes.ToArray();
        }
        return inner;
    }

    private sealed class Looked
    {
        public int Files { get; set; }
        public int Clean { get; set; }
        public List<string> Over { get; } = [];
        public List<(string Path, string Signature)> Hits { get; } = [];
    }

    /// <summary>What clamd says of one stream: "stream: OK", "stream: NAME FOUND", "INSTREAM size limit exceeded. ERROR". Anything else is no answer.</summary>
    internal readonly record struct Reply(bool IsClean, string? Signature, bool IsTooLarge)
    {
        public static Reply Read(string text) =>
            text == "stream: OK" ? new(true, null, false)
            : text.StartsWith("stream: ", StringComparison.Ordinal) && text.EndsWith(" FOUND", StringComparison.Ordinal) && text.Length > "stream:  FOUND".Length ? new(false, text["stream: ".Length..^" FOUND".Length], false)
            : new(false, null, text.StartsWith("INSTREAM size limit exceeded", StringComparison.Ordinal));
    }
}
