using System.Globalization;
using BackupGuard.Evidence.Packs;

namespace BackupGuard.Evidence.TimeStamps;

/// <summary>A checkpoint, and the earliest time at which it is proved to have existed.</summary>
/// <param name="At">Null: no authority of the policy says anything about it.</param>
/// <param name="Authority">Whose word it is.</param>
public sealed record ProvenTime(long Size, Hash256 Root, DateTimeOffset? At, string? Authority);

/// <summary>Judges the time stamps that lie beside checkpoints (FORMAT.md, section 14).</summary>
/// <param name="names">The files that may be read.</param>
internal sealed class TimeStampChecks(IEvidenceFiles files, IReadOnlyCollection<string> names, HeadOfLog head, TrustPolicy policy)
{
    private sealed record Judged(long Size, DateTimeOffset At, string Authority);

    private readonly List<Judged> valid = [];
    private int judged;

    /// <param name="server">Entries of the server that were found right, in the order of the log: index and the server's clock.</param>
    /// <param name="now">What no time stamp can be after.</param>
    public void Run(CheckList checks, IReadOnlyList<(long Index, DateTimeOffset At)> server, DateTimeOffset now)
    {
        var stamps = names.Where(n => n.StartsWith(PackNames.TimeStamps, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        checks.RunIf(CheckKind.TimeStamps, () => judged > 0, problems =>
        {
            problems.AddRange(stamps.Where(n => !PackNames.TryTimeStamp(n, out _)).Select(n => EvidenceProblems.PackNameRefused.At("timestamps/", ("name", n), ("reason", "no time stamp is called so"))));
            var found = stamps.Where(n => PackNames.TryTimeStamp(n, out _)).Select(n => PackNames.TryTimeStamp(n, out var stamp) ? stamp : default).Distinct().ToArray();
            foreach (var stamp in found)
            {
                try
                {
                    Judge(stamp, server, now, problems);
                }
                catch (EvidenceException e)
                {
                    problems.Add(e.Problem);
                }
            }
            return found.Length;
        });
    }

    /// <summary>Authorities with a valid time stamp of a checkpoint that covers so many entries.</summary>
    public IEnumerable<string> Covering(long size) => valid.Where(v => v.Size >= size).Select(v => v.Authority);

    /// <summary>For the head and every earlier checkpoint, the smallest first. What a later one covers existed no later than that one.</summary>
    public IReadOnlyList<ProvenTime> Proven() =>
        [.. names.Where(PackNames.IsEarlierCheckpoint).Select(n => Earlier(n).Checkpoint).Append(head.Checkpoint).OfType<Checkpoint>().DistinctBy(c => (c.Size, c.Root)).OrderBy(c => c.Size)
            .Select(c => valid.Where(v => v.Size >= c.Size).MinBy(v => v.At) is { } first ? new ProvenTime(c.Size, c.Root, first.At, first.Authority) : new ProvenTime(c.Size, c.Root, null, null))];

    private void Judge(TimeStampName stamp, IReadOnlyList<(long Index, DateTimeOffset At)> server, DateTimeOffset now, List<EvidenceProblem> problems)
    {
        if (new[] { stamp.Request, stamp.Token }.FirstOrDefault(n => !names.Contains(n)) is { } missing) throw new EvidenceException(EvidenceProblems.FileMissing.At(missing));
        var (checkpoint, note) = stamp.Checkpoint == PackNames.EarlierCheckpoint(head.Checkpoint) ? (head.Checkpoint, head.Note) : Earlier(stamp.Checkpoint);
        if (checkpoint is null) throw new EvidenceException(EvidenceProblems.FileMissing.At(stamp.Checkpoint));
        if (policy.Authorities.FirstOrDefault(a => a.Name == stamp.Authority) is not { } authority)
        {
            problems.Add(EvidenceProblems.TimeStampUnjudged.At(stamp.Token, ("authority", stamp.Authority)));
            return;
        }
        judged++;
        var at = TimeStamp.Verify(files.Read(stamp.Request), files.Read(stamp.Token), TimeStamp.Stamped(note.Span, head.Key), authority, stamp.Token);
        // The order of entries is that of the log, and the server's newest clock the one that stood beside this stamp.
        var newest = server.LastOrDefault(e => e.Index < checkpoint.Size);
        if (newest.At > at + TimeStamp.Tolerance) throw Contradicted(stamp, at, $"record {newest.Index}", newest.At);
        if (at > now + TimeStamp.Tolerance) throw Contradicted(stamp, at, "the moment for which this was made", now);
        valid.Add(new Judged(checkpoint.Size, at, authority.Name));
    }

    /// <summary>Both null where it is missing or not signed by the log, which another check says.</summary>
    private (Checkpoint? Checkpoint, ReadOnlyMemory<byte> Note) Earlier(string name)
    {
        if (!names.Contains(name)) return default;
        try
        {
            var note = files.Read(name);
            return (Checkpoint.Verify(note.Span, head.Key), note);
        }
        catch (EvidenceException)
        {
            return default;
        }
    }

    private static EvidenceException Contradicted(TimeStampName stamp, DateTimeOffset at, string other, DateTimeOffset bound) => new(EvidenceProblems.TimeStampContradicted.At(
        stamp.Token, ("at", at.ToString("u", CultureInfo.InvariantCulture)), ("other", other), ("bound", bound.ToString("u", CultureInfo.InvariantCulture))));
}
