using System.CommandLine;
using System.Security.Cryptography;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Spool;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.External;

namespace BackupGuard.Agent.Commands;

/// <summary>attest: takes in what another product says of its own restore tests, under the name of whoever vouches for it. Never a proof of ours: no exit code 0.</summary>
public static class AttestCommand
{
    public const string EntryType = "external.attested";

    /// <summary>As many tests stand in the evidence; the worst ones.</summary>
    private const int MostTests = 60;

    public static Command Create(AgentParts parts)
    {
        var file = new Argument<string>("file") { Description = "the exported document" };
        var config = ConfigFile.Option();
        var source = new Option<string>("--source") { Description = "its name under external in agent.yaml", Required = true };
        var by = new Option<string>("--by") { Description = "the role of whoever vouches for it; no person's name", Required = true };
        var format = CommandLine.Format();
        var command = new Command("attest", "Takes in results of restore tests that another product ran. They are shown as attested by others and never counted as proof.") { file, config, source, by, format };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return ConfigFile.WithSettingsAsync(parsed.GetRequiredValue(config), parts, error, async settings =>
            {
                var (wanted, role) = (parsed.GetRequiredValue(source), parsed.GetRequiredValue(by).Trim());
                if (settings.External.FirstOrDefault(e => e.Name == wanted) is not { } from)
                    return await RefuseAsync(error, $"{settings.File} names no \"{Printable.Of(wanted)}\" under external; it names {(settings.External.Count == 0 ? "none" : string.Join(", ", settings.External.Select(e => e.Name)))}.");
                if (role.Length is 0 or > 100) return await RefuseAsync(error, "--by: name the role of whoever vouches for it, in 1 to 100 characters.");
                byte[] document;
                try
                {
                    document = await ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
                {
                    return await RefuseAsync(error, $"{Printable.Of(parsed.GetRequiredValue(file))} cannot be read: {e.Message}");
                }
                var now = parts.Clock.GetUtcNow();
                var reading = ExternalReports.Read(document, Path.GetFileName(parsed.GetRequiredValue(file)), new ExternalExpectation(from.Name, from.Product, from.Tenant, from.Subjects), now);
                CommandLine.PrintFindings(reading.Findings, error);
                if (reading.IsRefused) return ExitCodes.Usage;
                var attested = Of(from, role, document, reading, now);
                var payload = Payload(attested);
                if (!await RecordAsync(settings, from.Application, payload, parts, error, now)) return ExitCodes.Usage;
                await output.WriteLineAsync(parsed.GetValue(format) == "json" ? DocumentMapping.ToJson(attested, DocumentJson.Default.AttestedDocument) : Text(attested));
                // What others say is never our proof, whatever they say.
                return reading.Claim == ExternalClaim.Failed ? ExitCodes.Failed : ExitCodes.Inconclusive;
            });
        });
        return command;
    }

    private static async Task<int> RefuseAsync(TextWriter error, string why)
    {
        await error.WriteLineAsync($"backupguard-agent: {why}");
        return ExitCodes.Usage;
    }

    /// <summary>One byte more than is read is enough to know that it is too large.</summary>
    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        using var buffer = new MemoryStream();
        var part = new byte[64 * 1024];
        for (int read; buffer.Length <= ExternalReports.LargestBytes && (read = await stream.ReadAsync(part, cancellationToken)) > 0;) buffer.Write(part, 0, read);
        return buffer.ToArray();
    }

    private static AttestedDocument Of(ExternalSettings from, string role, byte[] document, ExternalReading reading, DateTimeOffset now) => new()
    {
        Source = from.Name,
        Product = ExternalProducts.Word(from.Product),
        Application = from.Application,
        Tenant = from.Tenant,
        AttestedBy = Printable.Of(role),
        AttestedAt = now,
        DocumentSha256 = Convert.ToHexStringLower(SHA256.HashData(document)),
        DocumentBytes = document.Length,
        Claim = reading.Claim switch { ExternalClaim.Passed => "passed", ExternalClaim.Failed => "failed", ExternalClaim.Nothing => "nothing" },
        ExpiresAt = reading.ExpiresAt,
        Tests = [.. reading.Tests.Take(MostTests).Select(t => new AttestedTestDocument(t.Subject, t.Outcome switch
        {
            ExternalOutcome.Passed => "passed",
            ExternalOutcome.Failed => "failed",
            ExternalOutcome.NotTested => "not-tested",
            ExternalOutcome.Unfinished => "unfinished",
        }, t.Level.ToString().ToLowerInvariant(), t.StartedAt, t.EndedAt, t.RestorePoint, Printable.Of(t.Says.En)))],
        TestsLeftOut = Math.Max(0, reading.Tests.Count - MostTests),
        Findings = [.. reading.Findings.Select(ResultDocuments.Of)],
    };

    private static byte[] Payload(AttestedDocument document) => ResultDocuments.Fit(document.Findings, document.Tests, (findings, tests) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(document with { Findings = findings, Tests = tests, TestsLeftOut = document.TestsLeftOut + document.Tests.Count - tests.Count }, DocumentJson.Default.AttestedDocument));

    private static async Task<bool> RecordAsync(AgentSettings settings, string application, byte[] payload, AgentParts parts, TextWriter error, DateTimeOffset now)
    {
        try
        {
            StateFiles.CreateFolder(settings.StateFolder);
            try
            {
                var spool = parts.OpenSpool(settings);
                using (spool.Lifetime) spool.Recorder.Record(EntryType, application, payload, intent: null);
            }
            catch (IOException)
            {
                Inbox.Put(settings.StateFolder, EntryType, application, payload, now);
                await error.WriteLineAsync("Handed to the running service, which records it within a minute.");
            }
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"backupguard-agent: nothing was taken in, for it could not be recorded: {e.Message}");
            return false;
        }
    }

    private static string Text(AttestedDocument d)
    {
        var french = CommandLine.Language == "fr";
        var claim = (d.Claim, french) switch
        {
            ("passed", true) => "réussi, dit le document", ("failed", true) => "ÉCHEC, dit le document", (_, true) => "ne dit rien",
            ("passed", _) => "passed, the document says", ("failed", _) => "FAILED, the document says", _ => "says nothing",
        };
        var lines = new List<string>
        {
            french ? $"{d.Source} ({d.Product}, {d.Tenant}) : {claim}".Replace(" :", "\u00a0:", StringComparison.Ordinal) : $"{d.Source} ({d.Product}, {d.Tenant}): {claim}",
            french ? $"  attesté par des tiers, repris par {d.AttestedBy} ; jamais compté comme une preuve".Replace(" ;", "\u00a0;", StringComparison.Ordinal) : $"  attested by others, taken in by {d.AttestedBy}; never counted as proof",
            $"  sha256:{d.DocumentSha256}",
        };
        lines.AddRange(d.Tests.Select(t => $"  {t.Outcome,-10} {t.Subject} ({t.Level}): {t.Says}"));
        return string.Join('\n', lines);
    }
}
