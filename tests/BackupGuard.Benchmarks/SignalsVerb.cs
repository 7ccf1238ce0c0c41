using System.Globalization;
using System.Text;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Tests.Anomaly.Simulation;

namespace BackupGuard.Benchmarks;

/// <summary>signals: precision and recall of the anomaly check over generated hospitals, as Markdown. The first seeds were looked at while thresholds were set, the others never.</summary>
internal static class SignalsVerb
{
    private const int TrainingDays = 32;
    private const string Usage = "Usage: signals [--seeds N] [--held-out N] [--size reduced|full] [--only attack-number] [--explain] [--no-cost]";
    private static readonly int[] HeldOutFrom = [101];

    private sealed record Options(int Seeds, int HeldOut, HospitalSize Size, int? Only, bool Explain, bool Cost);

    public static async Task<int> RunAsync(string[] args)
    {
        if (Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        Console.WriteLine($"* Machine: {Machine.Describe()}; load average {Machine.Load()}.");
        Console.WriteLine($"* Each seed is one generated hospital, backed up and judged on {TrainingDays} evenings before anything happens; then every attack and every harmless event starts from there.");
        await RunSetAsync("Seeds looked at while thresholds were set", [.. Enumerable.Range(1, options.Seeds).Select(i => (ulong)i)], options);
        await RunSetAsync("Held-out seeds", [.. Enumerable.Range(HeldOutFrom[0], options.HeldOut).Select(i => (ulong)i)], options);
        if (options.Cost) await SignalsCost.PrintAsync();
        return 0;
    }

    private static Options? Parse(string[] args)
    {
        var options = new Options(5, 5, HospitalSize.Full, null, false, true);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--explain": options = options with { Explain = true }; continue;
                case "--no-cost": options = options with { Cost = false }; continue;
                case "--seeds" when int.TryParse(value, CultureInfo.InvariantCulture, out var n) && n is >= 0 and <= 90: options = options with { Seeds = n }; break;
                case "--held-out" when int.TryParse(value, CultureInfo.InvariantCulture, out var n) && n is >= 0 and <= 1000: options = options with { HeldOut = n }; break;
                case "--only" when int.TryParse(value, CultureInfo.InvariantCulture, out var n): options = options with { Only = n }; break;
                case "--size" when value is "reduced" or "full": options = options with { Size = value == "full" ? HospitalSize.Full : HospitalSize.Reduced }; break;
                default: return null;
            }
            i++;
        }
        return options;
    }

    private static async Task RunSetAsync(string title, IReadOnlyList<ulong> seeds, Options options)
    {
        if (seeds.Count == 0) return;
        var attacks = Attacks.All.ToDictionary(a => a, _ => new List<AttackOutcome>());
        var plain = Harmless.All.ToDictionary(h => h, _ => new List<HarmlessOutcome>());
        var announced = Harmless.All.ToDictionary(h => h, _ => new List<HarmlessOutcome>());
        var hashes = new StringBuilder();
        int quiet = 0, quietAlarms = 0, files = 0;
        foreach (var seed in seeds)
        {
            await Console.Error.WriteLineAsync($"seed {seed}: {TrainingDays} evenings");
            var trial = await Trial.StartAsync(seed, options.Size, TrainingDays);
            hashes.Append(trial.CorpusHash);
            files = trial.Tree.Files.Count;
            (quiet, quietAlarms) = (quiet + trial.QuietSnapshots, quietAlarms + trial.QuietAlarms.Count);
            if (options.Explain) foreach (var alarm in trial.QuietAlarms) await Console.Error.WriteLineAsync($"  daily: {alarm}");
            foreach (var attack in Attacks.All.Where(a => options.Only is null || options.Only == a.Number))
            {
                var outcome = await trial.AttackAsync(attack, mostDays: 7);
                attacks[attack].Add(outcome);
                if (options.Explain) await Console.Error.WriteLineAsync($"  {attack.Number} {attack.Name}: {string.Join(" | ", outcome.Judged.Select(Trial.Describe))}");
            }
            if (options.Only is not null) continue;
            foreach (var happening in Harmless.All)
            {
                plain[happening].Add(await trial.HappenAsync(happening, announced: false, quietDays: 4));
                if (happening.IsPlanned) announced[happening].Add(await trial.HappenAsync(happening, announced: true, quietDays: 4));
                if (!options.Explain) continue;
                foreach (var (word, of) in ((string, List<HarmlessOutcome>)[])[("unannounced", plain[happening]), ("announced", announced[happening])])
                    foreach (var alarm in of.Where(o => o.Seed == seed).SelectMany(o => o.Alarms)) await Console.Error.WriteLineAsync($"  {happening.Name}, {word}: {Trial.Describe(alarm)}");
            }
        }
        Print($"\n### {title}: {seeds[0]} to {seeds[^1]}, {files} files each\n");
        Print($"Corpus SHA-256: `{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(hashes.ToString())))}`\n");
        PrintAttacks(attacks);
        if (options.Only is null) PrintHarmless(plain, announced, quiet, quietAlarms, attacks);
    }

    private static void PrintAttacks(Dictionary<Attack, List<AttackOutcome>> attacks)
    {
        Print($"| attack | found by day 1 | by day 7 | verdict infected | without canaries, by day 7 | canaries alone | lists and baseline alone | contents alone | evenings until found | files harmed by then | clean point right |");
        Print($"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (attack, outcomes) in attacks.Where(a => a.Value.Count > 0))
        {
            double Share(Func<AttackOutcome, bool> of) => 100.0 * outcomes.Count(of) / outcomes.Count;
            var found = outcomes.Where(o => o.IsFound).ToList();
            Print($"| {attack.Number} {attack.Name} | {Share(o => o.Judged.Count == 1 && o.IsFound):0} % | {Share(o => o.IsFound):0} % | {Share(o => o.Judged[^1].Verdict == AnomalyVerdict.Infected):0} % | {Share(o => o.IsFoundBy(v => v.Stage != AnomalyStage.Canary, 7)):0} % | {Share(o => o.IsFoundBy(v => v.Stage == AnomalyStage.Canary, 7)):0} % | {Share(o => o.IsFoundBy(v => v.Stage is AnomalyStage.Metadata or AnomalyStage.Baseline, 7)):0} % | {Share(o => o.IsFoundBy(v => v.Stage == AnomalyStage.Content, 7)):0} % | {(found.Count == 0 ? "–" : found.Average(o => o.Judged.Count).ToString("0.0", CultureInfo.InvariantCulture))} | {(found.Count == 0 ? "–" : (100 * found.Average(o => o.ShareHarmed)).ToString("0", CultureInfo.InvariantCulture) + " %")} | {Share(o => o.IsFound && o.CleanPoint?.StartsWith($"day{TrainingDays - 2 + o.Judged.Count:0000}", StringComparison.Ordinal) == true):0} % |");
        }
    }

    private static void PrintHarmless(Dictionary<HarmlessEvent, List<HarmlessOutcome>> plain, Dictionary<HarmlessEvent, List<HarmlessOutcome>> announced, int quiet, int quietAlarms, Dictionary<Attack, List<AttackOutcome>> attacks)
    {
        Print($"\n| harmless | snapshots | alarms per 100 | announced: alarms per 100 | canary alarms |");
        Print($"|---|---:|---:|---:|---:|");
        Print($"| the {TrainingDays - 1} evenings before | {quiet} | {100.0 * quietAlarms / quiet:0.00} | | 0 |");
        int asAsked = quietAlarms, all = quiet;
        foreach (var (happening, outcomes) in plain)
        {
            var (snapshots, alarms) = (outcomes.Sum(o => o.Judged.Count), outcomes.Sum(o => o.Alarms.Count()));
            var said = announced[happening];
            Print($"| {happening.Name} | {snapshots} | {100.0 * alarms / snapshots:0.00} | {(said.Count == 0 ? "" : (100.0 * said.Sum(o => o.Alarms.Count()) / said.Sum(o => o.Judged.Count)).ToString("0.00", CultureInfo.InvariantCulture))} | {outcomes.Concat(said).Count(o => o.AnyCanary)} |");
            all += snapshots;
            asAsked += said.Count > 0 ? said.Sum(o => o.Alarms.Count()) : alarms;
        }
        var never = plain.Values.Sum(o => o.Sum(x => x.Alarms.Count())) + quietAlarms;
        var found = attacks.Values.Sum(o => o.Count(x => x.IsFound));
        Print($"| **all, planned work announced** | {all} | {100.0 * asAsked / all:0.00} | | |");
        Print($"| **all, nothing announced** | {all} | {100.0 * never / all:0.00} | | |");
        Print($"\nPrecision over these runs (attacks found against false alarms, both as counted above): {100.0 * found / Math.Max(1, found + asAsked):0.0} % with planned work announced, {100.0 * found / Math.Max(1, found + never):0.0} % with nothing announced. It depends on how often attacks happen; the alarms per 100 snapshots do not.");
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
