using System.Globalization;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Globbing;

namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>A generated hospital that was backed up and judged every evening for some weeks: the point from which attacks and harmless events start.</summary>
internal sealed class Trial
{
    private readonly Hospital hospital;
    private readonly PieceStore store = new();
    private readonly MemoryHistory history;
    private readonly Dice dice;
    private AnomalyMemory memory;

    private Trial(ulong seed, HospitalSize size)
    {
        Seed = seed;
        hospital = new Hospital(seed, size);
        dice = new Dice(seed ^ 0xBACC);
        history = new MemoryHistory(store);
        memory = new AnomalyMemory("");
        CorpusHash = hospital.Tree.Hash();
    }

    public ulong Seed { get; }
    public string CorpusHash { get; }
    public int Days { get; private set; }
    public MemoryTree Tree => hospital.Tree;

    /// <summary>Snapshots of daily work that were judged, and those that raised an alarm.</summary>
    public int QuietSnapshots { get; private set; }
    public List<string> QuietAlarms { get; } = [];

    /// <summary>As an administrator of such a hospital would declare them.</summary>
    public static IReadOnlyList<PathProfile> Profiles { get; } =
    [
        new(new PathGlob("srv/bases/tde/**"), ProfileKind.AlwaysRandom, "databases with transparent encryption"),
        new(new PathGlob("srv/dumps/**"), ProfileKind.Dump, "nightly dumps"),
        new(new PathGlob("srv/pacs/**"), ProfileKind.Archive, "image archive"),
        new(new PathGlob("srv/logs/**"), ProfileKind.Volatile, "logs that turn over"),
    ];

    public AnomalySettings Settings { get; private set; } = new() { Profiles = Profiles };

    public static async Task<Trial> StartAsync(ulong seed, HospitalSize size, int days)
    {
        var trial = new Trial(seed, size);
        trial.Plant();
        for (var day = 0; day < days; day++)
        {
            if (day > 0) trial.hospital.Work(trial.Tree, trial.dice.Fork("work"), day);
            var judgement = await JudgeAsync(trial.history, trial.Tree, day, trial.Settings, () => trial.memory, m => trial.memory = m, accept: true);
            if (day == 0) continue;
            trial.QuietSnapshots++;
            if (IsAlarm(judgement)) trial.QuietAlarms.Add(Describe(judgement));
        }
        trial.Days = days;
        return trial;
    }

    private void Plant()
    {
        var files = new List<CanaryFile>();
        foreach (var folder in (string[])["", "bureautique/d01", "hl7/recus", "pacs"])
        {
            foreach (var (path, content) in CanaryMaker.Make(folder, dice.Below))
            {
                hospital.Untouched.Add($"{Hospital.Root}/{path}");
                Tree.Write($"{Hospital.Root}/{path}", content, Hospital.FirstDay.AddDays(-30));
                files.Add(new CanaryFile($"{Hospital.Root}/{path}", content.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))));
            }
        }
        Settings = Settings with { Canaries = [new CanarySet(Hospital.Root, Hospital.FirstDay.AddDays(-30), files)] };
    }

    /// <summary>One evening: the tree is backed up and its newest snapshot judged; if asked, a person accepts what raised an alarm.</summary>
    private static async Task<SnapshotJudgement> JudgeAsync(MemoryHistory history, MemoryTree tree, int day, AnomalySettings settings, Func<AnomalyMemory> recall, Action<AnomalyMemory> keep, bool accept)
    {
        var at = Hospital.FirstDay.AddDays(day);
        history.Take(tree, at, $"day{day:0000}".PadRight(64, '0'));
        history.Forget(5);
        var report = await new AnomalyCheck(history, settings).RunAsync(_ => recall(), null, CancellationToken.None);
        var judgement = report.Judgements[^1];
        var after = report.Memories[0];
        keep(accept && IsAlarm(judgement) ? after.Accept(judgement.Snapshot.Id, new Acceptance("test", "it was harmless", at)) ?? after : after);
        return judgement;
    }

    /// <summary>Whether somebody is called.</summary>
    public static bool IsAlarm(SnapshotJudgement judgement) => judgement.Verdict is AnomalyVerdict.Suspicious or AnomalyVerdict.Infected;

    public static string Describe(SnapshotJudgement judgement) =>
        string.Create(CultureInfo.InvariantCulture, $"{judgement.Snapshot.Id[..7]} {judgement.Verdict}: {string.Join("; ", judgement.Votes.Select(v => $"{v.Signal} {v.Weight} ({v.Reason.En})"))}");

    /// <summary>A further day of work on any copy of the tree.</summary>
    public void Work(MemoryTree tree, Dice with, int day) => hospital.Work(tree, with, day);

    public async Task<AttackOutcome> AttackAsync(Attack attack, int mostDays)
    {
        var own = new Dice(Seed * 1000 + (ulong)attack.Number);
        var (tree, forkHistory, forkMemory) = (Tree.Copy(), history.Copy(), memory);
        var plan = new AttackPlan(own, Hospital.FirstDay.AddDays(Days).AddMinutes(-30));
        var untouched = Tree.Files.ToDictionary(f => f.Key, f => f.Value.Content, StringComparer.Ordinal);
        var judged = new List<SnapshotJudgement>();
        for (var day = 0; day < mostDays; day++)
        {
            hospital.Work(tree, own.Fork("work"), Days + day);
            var before = tree.Copy();
            attack.Strike(tree, plan, day);
            Forget(untouched, before, tree);
            judged.Add(await JudgeAsync(forkHistory, tree, Days + day, Settings, () => forkMemory, m => forkMemory = m, accept: false));
            if (IsAlarm(judged[^1])) break;
        }
        return new AttackOutcome(Seed, judged, 1 - (double)untouched.Count(f => tree.Files.TryGetValue(f.Key, out var now) && ReferenceEquals(now.Content, f.Value)) / Tree.Files.Count, forkMemory.LastKnownClean?.Snapshot);

        // Daily work is no damage: what it wrote counts as untouched until the attack reaches it.
        static void Forget(Dictionary<string, byte[]> untouched, MemoryTree before, MemoryTree after)
        {
            foreach (var path in untouched.Keys.ToList())
            {
                var was = before.Files.GetValueOrDefault(path)?.Content;
                var now = after.Files.GetValueOrDefault(path)?.Content;
                if (ReferenceEquals(was, now)) untouched[path] = now ?? untouched[path];
                else untouched[path] = [];
                if (was is null && now is null) untouched.Remove(path);
            }
        }
    }

    /// <param name="announced">Whether the hospital did what the procedure asks: announced the work, declared the profile.</param>
    public async Task<HarmlessOutcome> HappenAsync(HarmlessEvent happening, bool announced, int quietDays)
    {
        var own = new Dice(Seed * 7777 + (ulong)happening.Name.Length);
        var (tree, forkHistory, forkMemory, settings) = (Tree.Copy(), history.Copy(), memory, Settings);
        var at = Hospital.FirstDay.AddDays(Days);
        if (announced && happening.IsPlanned)
            settings = settings with { Windows = [new ChangeWindow(new PathGlob(happening.Paths), at.AddHours(-20), at.AddHours(4), happening.Name)], Profiles = happening.Profile is { } profile ? [profile, .. settings.Profiles] : settings.Profiles };
        var judged = new List<SnapshotJudgement>();
        for (var day = 0; day <= quietDays; day++)
        {
            hospital.Work(tree, own.Fork("work"), Days + day);
            if (day == 0) happening.Happen(tree, p => !hospital.Untouched.Contains(p), own, at);
            judged.Add(await JudgeAsync(forkHistory, tree, Days + day, settings, () => forkMemory, m => forkMemory = m, accept: true));
        }
        return new HarmlessOutcome(Seed, judged);
    }
}

/// <param name="Judged">Each evening from the first strike on; the last is the one that found it, or the last there was.</param>
/// <param name="ShareHarmed">Of the files there were, by then encrypted or gone.</param>
internal sealed record AttackOutcome(ulong Seed, IReadOnlyList<SnapshotJudgement> Judged, double ShareHarmed, string? CleanPoint)
{
    public bool IsFound => Trial.IsAlarm(Judged[^1]);

    /// <summary>What the votes of one stage alone, or of all but the canaries, amount to.</summary>
    public bool IsFoundBy(Func<Vote, bool> counts, int withinDays) => Judged.Take(withinDays).Any(j => VerdictRules.Suspicion([.. j.Votes.Where(counts)]) != AnomalyVerdict.NoSignSeen);
}

internal sealed record HarmlessOutcome(ulong Seed, IReadOnlyList<SnapshotJudgement> Judged)
{
    public IEnumerable<SnapshotJudgement> Alarms => Judged.Where(Trial.IsAlarm);
    public bool AnyCanary => Judged.Any(j => j.Votes.Any(v => v.Signal == Signal.Canary));
}
