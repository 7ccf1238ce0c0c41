using System.CommandLine;
using BackupGuard.Agent.Envelopes;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Commands;

/// <summary>envelope-test: does the backup open with only what the sealed envelope holds? Passwords that live in a vault that is itself encrypted open nothing.</summary>
internal static class EnvelopeTestCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("envelope") { Description = "the file from the sealed envelope (backupguard.envelope/v1)" };
        var at = new Option<string?>("--at") { Description = "where the backup lies today, when that is not where the envelope says (format:location)" };
        var format = CommandLine.Format();
        var command = new Command("envelope-test", "Opens a backup with only what the sealed envelope holds: no configuration, no environment, no key of this machine.") { file, at, format };
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var envelope = Envelope.Read(parsed.GetRequiredValue(file));
            var address = RepositoryAddress.Parse(parsed.GetValue(at) ?? envelope.Repository);
            // The tool and its configuration are this machine's: what opens with them says nothing of what the safe holds.
            if (RepositoryAddress.IsDriven(address.ToString())) throw new UsageException($"{address}: an envelope is tried with nothing of this machine, and this backup is read by a program of this machine. Try it by hand on a bare one.");
            var report = await TryAsync(envelope, address, cancellationToken);
            if (parsed.GetValue(format) == "json") Console.Out.WriteLine(DocumentMapping.ToJson(DocumentMapping.ToDocument(report, address.ToString()), DocumentJson.Default.InspectDocument));
            else
            {
                CommandLine.PrintFindings(report.Findings);
                CommandLine.PrintVerdict(report.Verdict, report.Unfinished, $"{address}, {report.Snapshots.Count}");
            }
            return CommandLine.ExitCode(report.Verdict);
        }));
        return command;
    }

    internal static async Task<InspectReport> TryAsync(Envelope envelope, RepositoryAddress address, CancellationToken cancellationToken)
    {
        using var opened = new OpenedEnvelope(envelope);
        try
        {
            AzureSettingsFile.RefuseWhatLiesOutside(envelope.Credentials ?? "");
            var report = await RepositoryOpener.Open(address, opened.Secrets).InspectAsync(cancellationToken);
            var newest = report.Snapshots.MaxBy(s => s.TakenAt);
            // Listing snapshots is deciphering them: a key that does not fit lists none. Damage beside them is no fault of the envelope; it keeps its own findings and verdict.
            var opens = newest is not null;
            Finding said = opens
                ? EnvelopeFindings.Opens.At(address.ToString(), ("sealed", envelope.SealedOn), ("snapshots", report.Snapshots.Count), ("newest", newest!.TakenAt.ToString("u", System.Globalization.CultureInfo.InvariantCulture)))
                : EnvelopeFindings.DoesNotOpen.At(address.ToString(), ("sealed", envelope.SealedOn));
            // What could not be looked at says nothing against the envelope.
            return opens || report.Unfinished is null ? report with { Findings = [.. report.Findings, said] } : report;
        }
        catch (StoreException e)
        {
            return new InspectReport { Format = address.Format, Findings = [], Unfinished = new Words($"{address} could not be opened: {e.Message}", $"{address} n’a pas pu être ouvert : {e.Message}") };
        }
        catch (UsageException e)
        {
            return new InspectReport { Format = address.Format, Findings = [EnvelopeFindings.Lacks.At(address.ToString(), ("sealed", envelope.SealedOn), ("reason", e.Message.TrimEnd('.')))] };
        }
    }
}
