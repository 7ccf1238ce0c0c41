using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.Driven;

/// <summary>A backup that an adapter of the hospital's own reads: CONTRACT.md. What verify says is the adapter's word; what restore brings back is looked at.</summary>
/// <param name="name">The adapter, as people know it.</param>
public sealed class CommandRepository(IDrivenTool adapter, string name) : IBackupRepository
{
    public const string Format = "command";
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public async Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var findings = new FindingList(CommandFindings.MoreOfThem, options.Found);
        if (options.ReadData.Share <= 0) findings.LeaveUnfinished(new("no data were read, as asked", "aucune donnée n’a été lue, comme demandé"));
        var output = await AskAsync(options.ReadData.Share <= 0 ? "inspect" : "verify", findings, options.Clock.GetUtcNow(), progress, cancellationToken);
        if (output is { Result: { } result } && options.ReadData.Share > 0) JudgeReading(output, result, findings);
        return new VerifyReport
        {
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            DrivenBy = output?.Tool,
            BytesRead = output?.Result?.BytesRead ?? 0,
            ObjectsRead = output?.Result?.ObjectsRead ?? 0,
            Coverage = Share(output?.Result),
            CoverageThisRun = Share(output?.Result),
            Inventory = output is null ? null : InventoryOf(output),
            Snapshots = output?.Snapshots ?? [],
        };
    }

    public async Task<InspectReport> InspectAsync(CancellationToken cancellationToken)
    {
        var findings = new FindingList(CommandFindings.MoreOfThem);
        var output = await AskAsync("inspect", findings, null, null, cancellationToken);
        return new InspectReport
        {
            Format = Format,
            Findings = findings.ToList(),
            Unfinished = findings.Unfinished,
            DrivenBy = output?.Tool,
            Inventory = output is null ? null : InventoryOf(output),
            Snapshots = output?.Snapshots ?? [],
            Facts = [("adapter", name), ("tool", output?.Tool?.ToString() ?? "not known")],
        };
    }

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        // What the adapter thinks of the rest of the backup is verify's matter; here only the list counts.
        var listed = new FindingList(CommandFindings.MoreOfThem);
        var output = await AskAsync("inspect", listed, options.Clock.GetUtcNow(), null, cancellationToken);
        if (output is null || listed.Unfinished is not null || output.Snapshots.Count == 0) return new RestoreReport { Findings = listed.ToList(), Unfinished = listed.Unfinished, DrivenBy = output?.Tool };

        var findings = new FindingList(CommandFindings.MoreOfThem);
        if (Choose(output.Snapshots, options.Snapshot, findings) is not { } snapshot) return new RestoreReport { Findings = findings.ToList(), DrivenBy = output.Tool };
        if (options.Include.Count == 0 && !target.Fits(snapshot.Bytes, findings)) return new RestoreReport { Findings = findings.ToList(), DrivenBy = output.Tool, Snapshot = snapshot };
        var restoration = new TarRestoration(snapshot, options, target, findings, progress);
        try
        {
            var end = await adapter.RunAsync(QuestionOf(Run(), "restore", snapshot.Id), restoration.ReadAsync, cancellationToken);
            if (end.ExitCode != 0) findings.Add(CommandFindings.RestoreRefused.At(snapshot.Id, ("reason", string.Create(CultureInfo.InvariantCulture, $"exit status {end.ExitCode} {end.Errors}"))));
            if (restoration.FilesSeen != snapshot.Files) Differs(findings, snapshot, restoration.FilesSeen, snapshot.Files, new Words("files", "fichiers"));
            if (restoration.BytesSeen != snapshot.Bytes) Differs(findings, snapshot, restoration.BytesSeen, snapshot.Bytes, new Words("bytes", "octets"));
        }
        catch (ToolException e)
        {
            Failed(findings, e);
        }
        catch (Exception e) when (e is InvalidDataException or ArchiveLimitException || ArchiveItems.IsDamage(e))
        {
            findings.Add(CommandFindings.StreamDamaged.At(snapshot.Id, ("reason", e.Message)));
        }
        if (restoration.Files == 0) findings.Add(CommonFindings.NothingRestored.At(snapshot.Id));
        return new RestoreReport { Findings = findings.ToList(), Unfinished = findings.Unfinished, DrivenBy = output.Tool, Snapshot = snapshot, Files = restoration.Files, Bytes = restoration.Bytes };
    }

    /// <summary>Asks, and judges what every answer must be; null when none can be used.</summary>
    private async Task<AdapterOutput?> AskAsync(string verb, FindingList findings, DateTimeOffset? now, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var run = Run();
        var output = new AdapterOutput(verb, run, (bytes, ofBytes, objects, ofObjects) => progress?.Report(new WorkProgress(verb, bytes, ofBytes, objects, ofObjects, findings.Count)));
        ToolEnd end;
        try
        {
            end = await adapter.RunAsync(QuestionOf(run, verb), output.ReadAsync, cancellationToken);
        }
        catch (ToolException e)
        {
            Failed(findings, e);
            return null;
        }
        catch (AdapterException e)
        {
            findings.Add(CommandFindings.ContractBroken.At(name, ("line", e.Line), ("reason", e.Message)));
            findings.LeaveUnfinished(new($"the adapter broke its contract in line {e.Line}: {e.Message}", $"l’adaptateur a rompu son contrat à la ligne {e.Line} : {e.Message}"));
            // Damage that it named before it went wrong stays damage.
            AddForeign(output, findings);
            return null;
        }

        AddForeign(output, findings);
        // ReadAsync ends only with a result, and a result only comes after hello.
        var (result, tool) = (output.Result!, output.Tool!.ToString());
        JudgeOutcome(result, end, tool, output, findings);
        JudgeSnapshots(output, result, now, findings);
        findings.Add(CommandFindings.DrivenBy.At(name, ("tool", tool)));
        return output;
    }

    private static void AddForeign(AdapterOutput output, FindingList findings)
    {
        foreach (var foreign in output.Findings)
        {
            var kind = foreign.Severity switch { Severity.Error => CommandFindings.ForeignError, Severity.Warning => CommandFindings.ForeignWarning, _ => CommandFindings.ForeignInfo };
            // Its subject may be a file's name, which may be a patient's.
            findings.Add(kind.AtPath(foreign.Subject, ("tool", output.Tool?.ToString() ?? "?"), ("words", foreign.Code.Length > 0 ? $"{foreign.Code} {foreign.Message}" : foreign.Message)));
        }
    }

    private void JudgeOutcome(AdapterResult result, ToolEnd end, string tool, AdapterOutput output, FindingList findings)
    {
        var (word, status) = result.Outcome switch { AdapterOutcome.Good => ("good", 0), AdapterOutcome.Bad => ("bad", 1), _ => ("unknown", 3) };
        if (end.ExitCode != status)
        {
            findings.Add(CommandFindings.ExitContradicts.At(name, ("outcome", word), ("status", end.ExitCode)));
            findings.LeaveUnfinished(new($"the adapter says {word} and ended with exit status {end.ExitCode}", $"l’adaptateur dit {word} et a fini avec le code de retour {end.ExitCode}"));
        }
        var errors = output.Findings.Count(f => f.Severity == Severity.Error);
        if (result.Outcome == AdapterOutcome.Bad) findings.Add(CommandFindings.SaysBad.At(name, ("tool", tool), ("words", result.Reason)));
        if (result.Outcome == AdapterOutcome.Good && errors > 0) Contradict(findings, new Words($"it says good and names {errors} errors", $"il dit good et nomme {errors} erreurs"));
        if (result.Outcome != AdapterOutcome.Unknown) return;
        findings.Add(CommandFindings.SaysUnknown.At(name, ("tool", tool), ("words", result.Reason)));
        findings.LeaveUnfinished(new("the adapter could not finish its look", "l’adaptateur n’a pas pu finir son examen"));
    }

    private void JudgeSnapshots(AdapterOutput output, AdapterResult result, DateTimeOffset? now, FindingList findings)
    {
        if (output.Snapshots.Count == 0 && result.Outcome == AdapterOutcome.Good) findings.Add(CommonFindings.NothingThere.At(name));
        foreach (var snapshot in output.Snapshots.Where(s => s.TakenAt > now + ClockTolerance))
        {
            findings.Add(CommandFindings.FromTheFuture.At(snapshot.Id, ("time", snapshot.TakenAt.UtcDateTime.ToString("u", CultureInfo.InvariantCulture))));
            findings.LeaveUnfinished(new("a snapshot is from the future", "un instantané vient du futur"));
        }
        var newest = output.Snapshots.MaxBy(s => s.TakenAt)?.Id ?? "";
        if (result.Snapshot == newest) return;
        findings.Add(CommandFindings.OtherSnapshot.At(result.Snapshot, ("newest", newest)));
        findings.LeaveUnfinished(new("the result is about another snapshot", "le résultat porte sur un autre instantané"));
    }

    /// <summary>Good is believed only where the adapter's own numbers make it possible.</summary>
    private void JudgeReading(AdapterOutput output, AdapterResult result, FindingList findings)
    {
        if (output.Objects > 0 && (output.Objects != result.ObjectsRead || output.ObjectBytes != result.BytesRead))
            Contradict(findings, new Words($"it names {output.Objects} objects of {output.ObjectBytes} bytes and counts {result.ObjectsRead} of {result.BytesRead}", $"il nomme {output.Objects} objets de {output.ObjectBytes} octets et en compte {result.ObjectsRead} de {result.BytesRead}"));
        if (result.BytesRead > result.BytesStored) Contradict(findings, new Words($"it read {result.BytesRead} bytes of {result.BytesStored}", $"il a lu {result.BytesRead} octets sur {result.BytesStored}"));
        if (result.Outcome != AdapterOutcome.Good) return;
        if (output.Snapshots.Count > 0 && output.Snapshots.MaxBy(s => s.TakenAt) is { } newest && (newest.Files == 0 || newest.Bytes == 0))
            findings.Add(CommandFindings.NothingRead.At(name, ("reason", new Words($"the newest snapshot has {newest.Files} files and {newest.Bytes} bytes", $"l’instantané le plus récent a {newest.Files} fichiers et {newest.Bytes} octets"))));
        if (result.ObjectsRead == 0 || result.BytesRead == 0)
            findings.Add(CommandFindings.NothingRead.At(name, ("reason", new Words($"{result.ObjectsRead} objects, {result.BytesRead} bytes", $"{result.ObjectsRead} objets, {result.BytesRead} octets"))));
        else if (result.BytesRead < result.BytesStored)
        {
            findings.Add(CommandFindings.PartOnly.At(name, ("read", result.BytesRead), ("stored", result.BytesStored)));
            findings.LeaveUnfinished(new("the adapter read only a part", "l’adaptateur n’a lu qu’une partie"));
        }
    }

    private static SnapshotSummary? Choose(List<SnapshotSummary> snapshots, string wanted, FindingList findings)
    {
        if (wanted == "latest") return snapshots.MaxBy(s => s.TakenAt);
        var matching = snapshots.Where(s => s.Id == wanted).ToList();
        if (matching.Count == 0 && wanted.Length >= 4) matching = [.. snapshots.Where(s => s.Id.StartsWith(wanted, StringComparison.Ordinal))];
        if (matching.Count == 1) return matching[0];
        findings.Add(CommonFindings.SnapshotUnknown.At(wanted, ("reason", matching.Count == 0
            ? new Words($"{snapshots.Count} are listed, none of that name", $"{snapshots.Count} sont énumérés, aucun de ce nom") : new Words($"{matching.Count} begin so", $"{matching.Count} commencent ainsi"))));
        return null;
    }

    private void Contradict(FindingList findings, Words reason)
    {
        findings.Add(CommandFindings.CountsDisagree.At(name, ("reason", reason)));
        findings.LeaveUnfinished(new($"the adapter contradicts itself: {reason.En}", $"l’adaptateur se contredit : {reason.Fr}"));
    }

    private static void Differs(FindingList findings, SnapshotSummary snapshot, long came, long listed, Words unit) =>
        findings.Add(CommandFindings.RestoredDiffers.At(snapshot.Id, ("reason", new Words($"{came} {unit.En} came, {listed} were listed", $"{came} {unit.Fr} sont revenus, {listed} étaient énumérés"))));

    private void Failed(FindingList findings, ToolException e)
    {
        findings.Add(CommandFindings.AdapterFailed.At(name, ("reason", e.Message)));
        findings.LeaveUnfinished(new($"the adapter gave no answer: {e.Message}", $"l’adaptateur n’a pas répondu : {e.Message}"));
    }

    private static double Share(AdapterResult? result) => result is { BytesStored: > 0 } r ? Math.Min(1, (double)r.BytesRead / r.BytesStored) : 0;

    /// <summary>An answer must name the run that it answers: one that was recorded earlier is not taken for today's.</summary>
    private static string Run() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static ToolQuestion QuestionOf(string run, params string[] arguments) => new(arguments)
    {
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["BACKUPGUARD_CONTRACT"] = AdapterOutput.Contract, ["BACKUPGUARD_RUN"] = run },
    };

    private static Inventory InventoryOf(AdapterOutput output) => new([.. output.Snapshots.Select(s => s.Id)], [], Protection.Unknown, IsHistory: true);
}
