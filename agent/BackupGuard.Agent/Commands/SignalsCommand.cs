using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Agent.Link;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification.Checks.Anomaly;

namespace BackupGuard.Agent.Commands;

/// <summary>signals: what people do for the anomaly check. Plant canaries in a source; answer for a snapshot that was doubted.</summary>
internal static class SignalsCommand
{
    private const int MostFolders = 6;

    public static Command Create(TimeProvider clock) => new("signals", "Canaries, and answers for snapshots that were found suspicious.") { Plant(clock), Accept(clock) };

    private static Command Plant(TimeProvider clock)
    {
        var source = new Argument<string>("source") { Description = "the folder that is backed up; run this where it lies" };
        var registerFile = new Option<string>("--register") { Description = "file that keeps what was planted; must lie outside the source", Required = true };
        var named = new Option<string?>("--as") { Description = "the source's path as the backup names it, when that is another (/C/data for C:\\data)" };
        var command = new Command("plant", "Plants new canaries in a source and takes away those planted there before.") { source, registerFile, named };
        command.SetAction((parsed, _) => CommandLine.RunAsync(async () =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(source)).TrimEnd(Path.DirectorySeparatorChar);
            var file = Path.GetFullPath(parsed.GetRequiredValue(registerFile));
            if (!Directory.Exists(folder)) throw new UsageException($"{folder} is not a folder.");
            if ((file + Path.DirectorySeparatorChar).StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new UsageException($"{file} lies inside the source: whoever encrypts it would learn which files are canaries. Name a file elsewhere.");
            var root = (parsed.GetValue(named) ?? SnapshotPaths.Normal(folder)).TrimEnd('/');
            var before = LoadRegister(file);
            var planted = PlantIn(folder, root, clock.GetUtcNow());
            // The register first: a canary nobody knows of is harmless, one that is expected and missing is an alarm.
            DurableFile.Replace(file, before.Rotate(planted).ToBytes());
            var left = before.Sets.Where(s => s.Root == root && s.RetiredAt is null).Sum(s => TakeAway(s, folder, root));
            await Console.Error.WriteLineAsync(CommandLine.Language == "fr"
                ? $"{planted.Files.Count} fichiers témoins posés dans {folder}, notés dans {file}.{(left > 0 ? $" {left} anciens témoins ont changé et ont été laissés en place : regardez-les." : "")}"
                : $"{planted.Files.Count} canaries planted in {folder}, written down in {file}.{(left > 0 ? $" {left} older ones had changed and were left where they are: look at them." : "")}");
            return left > 0 ? CommandLine.Failed : CommandLine.Proved;
        }));
        return command;
    }

    private static CanaryRegister LoadRegister(string file)
    {
        if (!File.Exists(file)) return new CanaryRegister([]);
        var refusal = "it is too large";
        return new FileInfo(file).Length <= CanaryRegister.LargestBytes && CanaryRegister.Parse(File.ReadAllBytes(file), out refusal) is { } register
            ? register
            : throw new UsageException($"{file} is no register of canaries: {refusal}. Nothing was planted.");
    }

    private static CanarySet PlantIn(string folder, string root, DateTimeOffset now)
    {
        var files = new List<CanaryFile>();
        foreach (var below in (string[])["", .. Subfolders(folder)])
        {
            foreach (var (path, content) in CanaryMaker.Make(below))
            {
                try
                {
                    using var file = new FileStream(Path.Combine(folder, path), FileMode.CreateNew, FileAccess.Write);
                    file.Write(content);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new UsageException($"{path} could not be planted: {e.Message}");
                }
                files.Add(new CanaryFile($"{root}/{path}", content.Length, Convert.ToHexStringLower(SHA256.HashData(content))));
            }
        }
        return new CanarySet(root, now, files);
    }

    /// <summary>Some folders of several depths, no links, none that is hidden.</summary>
    private static IEnumerable<string> Subfolders(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden, IgnoreInaccessible = true };
        var all = new DirectoryInfo(folder).EnumerateDirectories("*", options).Take(5000).Select(d => Path.GetRelativePath(folder, d.FullName).Replace('\\', '/')).Where(p => !p.Split('/').Any(n => n.StartsWith('.'))).ToArray();
        RandomNumberGenerator.Shuffle(all.AsSpan());
        return all.Take(MostFolders);
    }

    /// <returns>How many were not as they had been planted, and stay.</returns>
    private static int TakeAway(CanarySet set, string folder, string root)
    {
        var left = 0;
        foreach (var canary in set.Files)
        {
            var file = Path.GetFullPath(Path.Combine(folder, canary.Path[Math.Min(canary.Path.Length, root.Length + 1)..]));
            if (!file.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) || !File.Exists(file) || new FileInfo(file).Length != canary.Size || Hash(file) != canary.Sha256) left++;
            else File.Delete(file);
        }
        return left;
    }

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static Command Accept(TimeProvider clock)
    {
        var repository = new Argument<string>("repository") { Description = "format:location, as it was verified" };
        var snapshot = new Argument<string>("snapshot") { Description = "at least the first 4 digits of the snapshot's id" };
        var by = new Option<string>("--by") { Description = "who answers for it", Required = true };
        var reason = new Option<string>("--reason") { Description = "why the change was intended; stands in the evidence", Required = true };
        var state = CommandLine.State();
        var command = new Command("accept", "Answers for a suspicious snapshot: it is no longer doubted, and teaches what is normal.") { repository, snapshot, by, reason, state };
        command.SetAction((parsed, _) => CommandLine.RunAsync(async () =>
        {
            var (id, who, why) = (parsed.GetRequiredValue(snapshot), parsed.GetRequiredValue(by).Trim(), parsed.GetRequiredValue(reason).Trim());
            if (id.Length < 4) throw new UsageException("Give at least the first 4 digits of the snapshot's id.");
            if (who.Length == 0 || why.Length == 0) throw new UsageException("--by and --reason must say something: they stand in the evidence.");
            using var memory = RepositoryMemory.Open(parsed.GetValue(state) ?? AgentIdentity.DefaultFolder, RepositoryAddress.Parse(parsed.GetRequiredValue(repository)));
            var doubted = memory.Signals.All().SelectMany(m => m.Records.Where(r => r.IsDoubted && r.Snapshot.StartsWith(id, StringComparison.Ordinal)).Select(r => (Memory: m, Record: r))).ToList();
            if (doubted is not [var (series, record)]) throw new UsageException(doubted.Count == 0 ? $"No snapshot that begins with {id} is doubted." : $"{doubted.Count} doubted snapshots begin with {id}; give more digits.");
            // Doubted, as was just seen: it can be accepted.
            memory.Signals.Keep(series.Accept(record.Snapshot, new Acceptance(who, why, clock.GetUtcNow()))!);
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{record.Snapshot} {record.TakenAt:u}: {record.Reasons}"));
            return CommandLine.Proved;
        }));
        return command;
    }
}
