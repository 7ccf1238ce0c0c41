using System.Text.Json;

namespace BackupGuard.Evidence.Packs;

/// <summary>What choosing entries needs to know of each, without its bytes.</summary>
/// <param name="Run">The crisis run or exercise that it belongs to, or null.</param>
/// <param name="StartsExercise">It starts that run, as an exercise.</param>
/// <param name="RegisteredKey">Id of the key that it registers or retires, or null.</param>
/// <param name="ReceivedAt">When the server took it in, by its own clock.</param>
public sealed record LogLine(long Index, string KeyId, long Counter, string Type, string Application, long? Intent, string RecordedAt, string ReceivedAt, string? Run, bool StartsExercise, string? RegisteredKey)
{
    public bool IsIntent => Type.EndsWith(".intent", StringComparison.Ordinal);

    public static LogLine Of(long index, EvidenceEntry entry, DateTimeOffset receivedAt)
    {
        var runs = new ExerciseRuns();
        runs.Take(entry);
        return new LogLine(index, entry.KeyId, entry.Counter, entry.Type, entry.Application, entry.Intent, EvidenceEntry.TextOf(entry.RecordedAt), EvidenceEntry.TextOf(receivedAt),
            ExerciseRuns.RunOf(entry), runs.IsExercise(entry), KeyOf(entry));
    }

    private static string? KeyOf(EvidenceEntry entry)
    {
        if (entry.Origin != EvidenceEntry.ServerOrigin || entry.Type is not (KeyRegistration.RegisterType or KeyRegistration.RetireType)) return null;
        using var payload = JsonDocument.Parse(entry.Payload);
        return payload.RootElement.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.String ? key.GetString() : null;
    }
}

/// <summary>Which records belong into a pack: those asked for, and what is needed to judge them (FORMAT.md, section 11).</summary>
public sealed record PackSelection(IReadOnlyList<PackRecord> Records, IReadOnlyList<PackGap> Gaps, IReadOnlyList<long> OpenIntents)
{
    public bool IsEmpty => !Records.Any(r => r.Why.Contains(PackReasons.Selected));

    /// <param name="log">The whole log, in order, and found right: no counter stands there twice.</param>
    /// <param name="gaps">Of the whole log.</param>
    public static PackSelection Of(IReadOnlyList<LogLine> log, PackScope scope, IReadOnlyList<LogGap> gaps) => new Choice(log, scope, gaps).Make();

    private sealed class Choice
    {
        private readonly IReadOnlyList<LogLine> log;
        private readonly PackScope scope;
        private readonly ILookup<string, LogGap> gaps;
        private readonly ILookup<string?, LogLine> registrations;
        private readonly Dictionary<(string Key, long Counter), long> byCounter;
        private readonly Dictionary<(string Key, long Intent), long> closing;
        private readonly Dictionary<string, long> starts = new(StringComparer.Ordinal);
        private readonly HashSet<string> exercises;
        private readonly SortedDictionary<long, SortedSet<string>> chosen = [];
        private readonly Queue<long> toFollow = new();

        public Choice(IReadOnlyList<LogLine> log, PackScope scope, IReadOnlyList<LogGap> gaps)
        {
            (this.log, this.scope) = (log, scope);
            this.gaps = gaps.ToLookup(g => g.KeyId);
            registrations = log.Where(l => l.RegisteredKey is not null).ToLookup(l => l.RegisteredKey);
            byCounter = log.ToDictionary(l => (l.KeyId, l.Counter), l => l.Index);
            closing = log.Where(l => l.Intent is not null).ToDictionary(l => (l.KeyId, l.Intent!.Value), l => l.Index);     // filtered in front
            exercises = log.Where(l => l is { StartsExercise: true, Run: not null }).Select(l => l.Run!).ToHashSet(StringComparer.Ordinal);     // filtered in front
            foreach (var line in log.Where(l => l.Run is not null)) starts.TryAdd(line.Run!, line.Index);   // filtered in front
        }

        public PackSelection Make()
        {
            foreach (var line in log)
            {
                var isExercise = line.Run is not null && exercises.Contains(line.Run);
                if (scope.Holds(line.Type, line.Application, line.RecordedAt, isExercise)) Add(line.Index, PackReasons.Selected);
                else if (scope.Holds(line.Type, line.Application, line.ReceivedAt, isExercise)) Add(line.Index, PackReasons.Received);
            }
            while (toFollow.TryDequeue(out var index)) Follow(log[(int)index]);
            var keys = chosen.Keys.Select(i => log[(int)i].KeyId).ToHashSet(StringComparer.Ordinal);
            return new PackSelection(
                [.. chosen.Select(c => new PackRecord(c.Key, [.. c.Value]))],
                [.. keys.SelectMany(k => gaps[k]).OrderBy(g => g.After).Select(g => new PackGap(g.KeyId, g.First, g.Last, g.Before, g.After, g.DeclaredBy))],
                [.. chosen.Keys.Where(i => log[(int)i] is { IsIntent: true } intent && !closing.ContainsKey((intent.KeyId, intent.Counter)))]);
        }

        private void Follow(LogLine line)
        {
            if (line.Intent is { } intent) Add(byCounter[(line.KeyId, intent)], PackReasons.Work);
            if (line.IsIntent && closing.TryGetValue((line.KeyId, line.Counter), out var end)) Add(end, PackReasons.Work);
            if (line.Run is { } run) Add(starts[run], PackReasons.Run);
            foreach (var registration in registrations[line.KeyId]) Add(registration.Index, PackReasons.Key);
            foreach (var gap in gaps[line.KeyId])
            {
                foreach (var side in new[] { gap.Before, gap.After, gap.DeclaredBy })
                    if (side is { } at) Add(at, PackReasons.Gap);
            }
        }

        private void Add(long index, string why)
        {
            if (chosen.TryGetValue(index, out var reasons))
            {
                reasons.Add(why);
                return;
            }
            chosen.Add(index, new SortedSet<string>(StringComparer.Ordinal) { why });
            toFollow.Enqueue(index);
        }
    }
}
