using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace BackupGuard.Benchmarks;

/// <summary>The server's log: what it takes in through its real address with TLS, how fast fsck goes over it, and how long a proof out of a large one takes.</summary>
internal static class EvidenceVerbs
{
    private const int Agents = 2;
    private const int Asked = 2000;

    private const string Usage = "Usage: ingest|proofs [--entries N] [--batch N] [--database sqlite|postgres] [--keep DIR]";

    public static async Task<int> RunAsync(string verb, string[] args)
    {
        var (entries, batch, databases) = (verb == "ingest" ? 100_000 : 10_000_000, 500, (string[])["sqlite", "postgres"]);
        string? keep = null;
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            if (args[i] == "--entries" && int.TryParse(value, out entries) && entries > 0) continue;
            if (args[i] == "--batch" && int.TryParse(value, out batch) && batch is > 0 and <= 1000) continue;
            if (args[i] == "--keep" && value.Length > 0) (keep, databases) = (value, ["sqlite"]);
            else if (args[i] == "--database" && value is "sqlite" or "postgres") databases = [value];
            else return Wrong(Usage);
        }
        if (!File.Exists(Machine.Server)) return Wrong($"the server is not at {Machine.Server}; build the solution in this configuration.");
        Print($"* Machine: {Machine.Describe()}, load average (1 minute) {Machine.Load()}");
        foreach (var database in databases)
        {
            var folder = keep is null ? Directory.CreateTempSubdirectory("backupguard-benchmark-").FullName : Directory.CreateDirectory(keep).FullName;
            using var cluster = database == "postgres" ? new PostgresCluster(Path.GetTempPath(), "shared_buffers=512MB", "max_wal_size=4GB") : null;
            cluster?.Configure(folder, cluster.CreateDatabase(withSchema: false));
            if (verb == "ingest") await IngestAsync(database, folder, entries, batch);
            else await ProveAsync(database, folder, entries);
            if (keep is null) Directory.Delete(folder, recursive: true);
        }
        Print($"* Load average (1 minute) afterwards: {Machine.Load()}");
        return 0;
    }

    private static async Task IngestAsync(string database, string folder, int count, int batch)
    {
        using (var server = Start("run", "--urls", "https://127.0.0.1:0", "--data", folder))
        {
            var url = await UrlAsync(server);
            var senders = new List<(HttpClient Client, string Path, List<EvidenceBatch> Batches)>();
            for (var agent = 0; agent < Agents; agent++) senders.Add(await EnrolAsync(folder, url, agent, count / Agents, batch));
            // The first batch of each finds a cold server: it is not counted.
            foreach (var (client, path, batches) in senders) await SendAsync(client, path, batches.Take(1));
            var cpuBefore = CpuSeconds(server);
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(senders.Select(s => SendAsync(s.Client, s.Path, s.Batches.Skip(1))));
            var elapsed = Stopwatch.GetElapsedTime(began);
            var cpu = CpuSeconds(server) - cpuBefore;
            var counted = senders.Sum(s => s.Batches.Skip(1).Sum(b => b.Entries.Count));
            var bytes = senders[0].Batches[0].Entries.Average(e => e.Entry.Length * 3 / 4);
            Print($"* {database}: {counted} signed entries of {bytes:0} bytes, in batches of {batch} by {Agents} agents over HTTPS with their own certificates, took {elapsed.TotalSeconds:0.00} s: **{counted / elapsed.TotalSeconds:0} a second**; {cpu * 1e6 / counted:0} µs of the server's processor time each");
            foreach (var (client, _, _) in senders) client.Dispose();
            using var stop = Process.Start("kill", ["-TERM", $"{server.Id}"]);
            await server.WaitForExitAsync();
        }
        for (var run = 0; run < 2; run++)
        {
            var fsck = await TimedProcess.RunAsync(["dotnet", Machine.Server, "fsck", "--data", folder], folder, ("LC_ALL", "C"));
            Print($"* {database}: fsck of that log, start of the program included, took {fsck.WallSeconds:0.00} s: **{count / fsck.WallSeconds:0} entries a second**; {fsck.CpuSeconds * 1e6 / count:0} µs of its processor time each, {fsck.PeakMiB:0} MiB at most");
        }
    }

    private static async Task SendAsync(HttpClient client, string path, IEnumerable<EvidenceBatch> batches)
    {
        foreach (var batch in batches)
        {
            using var answer = await client.PostAsJsonAsync(path, batch, WireJson.Default.EvidenceBatch);
            answer.EnsureSuccessStatusCode();
            var receipt = await answer.Content.ReadFromJsonAsync(WireJson.Default.EvidenceReceipt);
            if (receipt is null || receipt.Entries.Any(e => e.Outcome != "accepted")) throw new BenchmarkException("an entry was not accepted");
        }
    }

    private static async Task<(HttpClient, string, List<EvidenceBatch>)> EnrolAsync(string folder, Uri url, int number, int count, int batch)
    {
        using var token = Start("agents", "token", "--data", folder);
        var secret = (await token.StandardOutput.ReadToEndAsync()).Trim();
        await token.WaitForExitAsync();
        using var key = EvidenceKey.Generate();
        using var ecdsa = key.ToECDsa();
        var name = $"agent-{number}";
        var certificate = new CertificateRequest($"CN={name}", ecdsa, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        handler.ClientCertificates.Add(certificate);
        var client = new HttpClient(handler) { BaseAddress = url };
        using var answer = await client.PostAsJsonAsync("/api/v1/agents/enrol", new EnrolRequest(secret, name, Convert.ToBase64String(key.PublicKey.Spki.Span), "1.0.0"), WireJson.Default.EnrolRequest);
        answer.EnsureSuccessStatusCode();
        var batches = Signed(key, $"agent:{name}", count).Chunk(batch).Select(b => new EvidenceBatch(b)).ToList();
        return (client, $"/api/v1/agents/{name}/evidence", batches);
    }

    /// <summary>Intent and result in turn, the result of a verification with two snapshots and a finding.</summary>
    private static IEnumerable<SignedEntry> Signed(EvidenceKey key, string origin, int count)
    {
        var now = DateTimeOffset.UtcNow.AddMinutes(-10);
        now = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        var result = JsonSerializer.SerializeToUtf8Bytes(new VerifyDocument
        {
            Repository = "restic:/srv/backup", Verdict = "failed", StartedAt = now, DurationSeconds = 12.5, Coverage = 0.75,
            Findings = [new("BG1042", "error", "data/ab", "A pack is missing.", "Restore it from another copy.") { MessageFr = "Un paquet manque." }],
        }, DocumentJson.Default.VerifyDocument);
        Hash256? previous = null;
        for (var counter = 1L; counter <= count; counter++)
        {
            var intent = counter % 2 == 1;
            var entry = new EvidenceEntry
            {
                Origin = origin, KeyId = key.PublicKey.KeyId, Counter = counter, Previous = previous, Id = Guid.CreateVersion7(now), RecordedAt = now, Type = intent ? "verify.intent" : "verify.result",
                Application = "dpi", Intent = intent ? null : counter - 1, SoftwareVersion = "1.0.0", Payload = intent ? "{}"u8.ToArray() : result,
            }.Sign(key);
            previous = entry.Hash;
            yield return new SignedEntry(counter, Convert.ToBase64String(entry.Bytes.Span), Convert.ToBase64String(entry.Signature.Span));
        }
    }

    /// <summary>A log of made-up leaves, but for the entries that are asked for: those are signed and stored, so that each answer is checked as the server checks it.</summary>
    private static async Task ProveAsync(string database, string folder, int size)
    {
        var data = DataFolder.OpenOrCreate(folder);
        await using var services = await DatabaseServices.OpenAsync(data, CancellationToken.None);
        var engine = (DatabaseEngine)services.GetService(typeof(DatabaseEngine))!; // registered by AddPersistence
        var identity = (ServerIdentity)services.GetService(typeof(ServerIdentity))!; // likewise
        Say($"{database}: writing a log of {size} entries");
        var asked = Generate(engine, identity, size);
        using var log = new EvidenceLog(engine, identity, TimeProvider.System, NullLogger<EvidenceLog>.Instance);
        var queries = new EvidenceQueries(engine, identity, log);
        var times = new List<double>();
        foreach (var sequence in asked)
        {
            var began = Stopwatch.GetTimestamp();
            if (await queries.FindAsync(sequence, CancellationToken.None) is null) throw new BenchmarkException($"entry {sequence} was not found");
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        times.Sort();
        Print($"* {database}: {asked.Count} entries spread over a log of {size}, each read, its signature, its inclusion proof and the checkpoint verified, one after the other: median {times[times.Count / 2]:0.00} ms, 99 % under {times[times.Count * 99 / 100]:0.00} ms, slowest {times[^1]:0.0} ms");
    }

    private static List<long> Generate(DatabaseEngine engine, ServerIdentity identity, int size)
    {
        const int atOnce = 50_000;
        var step = Math.Max(1, size / Asked);
        var tree = new MerkleFrontier();
        var asked = new List<long>();
        Hash256? previous = null;
        using var connection = engine.Open();
        while (tree.Size < size)
        {
            using var transaction = connection.BeginTransaction();
            List<object?[]> nodes = [], entries = [];
            for (var i = 0; i < atOnce && tree.Size < size; i++)
            {
                var sequence = tree.Size;
                Hash256 leaf;
                if (sequence % step == step / 2)
                {
                    var now = DateTimeOffset.UnixEpoch.AddDays(20000);
                    var entry = new EvidenceEntry
                    {
                        Origin = EvidenceEntry.ServerOrigin, KeyId = identity.Key.PublicKey.KeyId, Counter = asked.Count + 1, Previous = previous, Id = Guid.CreateVersion7(now), RecordedAt = now,
                        Type = "server.note", Application = "", SoftwareVersion = "1.0.0", Payload = "{}"u8.ToArray(),
                    }.Sign(identity.Key);
                    previous = entry.Hash;
                    leaf = MerkleTree.HashLeaf(entry.Bytes.Span);
                    entries.Add([sequence, "server", entry.Entry.KeyId, entry.Entry.Counter, entry.Entry.Type, null, entry.Bytes.ToArray(), entry.Signature.ToArray(), 0L, Array.Empty<byte>()]);
                    asked.Add(sequence);
                }
                else
                {
                    leaf = MerkleTree.HashLeaf(Encoding.ASCII.GetBytes(sequence.ToString(CultureInfo.InvariantCulture)));
                }
                foreach (var node in tree.Append(leaf)) nodes.Add([node.Level, node.Index, node.Hash.ToArray()]);
            }
            connection.InsertAll("nodes", "level, idx, hash", nodes);
            connection.InsertAll("entries", "seq, origin, key_id, counter, type, run, entry, signature, received_at, receipt", entries);
            transaction.Commit();
        }
        connection.Execute("INSERT INTO checkpoints (size, note) VALUES (@size, @note)", ("@size", tree.Size), ("@note", new Checkpoint(identity.LogKey.Name, tree.Size, tree.Root()).Sign(identity.Key)));
        return asked;
    }

    // Fields 14 and 15 of proc_pid_stat(5), in hundredths of a second; the name before them may hold spaces, and ends with a bracket.
    private static double CpuSeconds(Process process)
    {
        var fields = File.ReadAllText($"/proc/{process.Id}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    internal static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [Machine.Server, .. arguments]) { RedirectStandardOutput = true }) ?? throw new BenchmarkException("dotnet did not start.");

    internal static async Task<Uri> UrlAsync(Process server)
    {
        const string listening = "Listening on ";
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(listening, StringComparison.Ordinal))
            {
                _ = server.StandardOutput.ReadToEndAsync();
                return new Uri(line[listening.Length..]);
            }
        }
        throw new BenchmarkException("the server did not start.");
    }

    private static int Wrong(string sentence)
    {
        Console.Error.WriteLine($"BackupGuard.Benchmarks: {sentence}");
        return 2;
    }

    private static void Say(string what) => Console.Error.WriteLine(what);
    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
