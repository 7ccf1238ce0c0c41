using BackupGuard.Agent.Commands;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Envelopes;
using BackupGuard.Agent.Link;
using BackupGuard.Agent.Restoring;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Spool;
using BackupGuard.Verification;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Hosting;

/// <summary>Puts the agent together: which store, which spool, which link the commands get.</summary>
internal static class AgentComposition
{
    public static string SoftwareVersion { get; } = typeof(AgentComposition).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static AgentParts Parts(TimeProvider clock) => new()
    {
        Clock = clock,
        AddressRefusal = AddressRefusal,
        OpenRepository = OpenRepository,
        CreateTarget = DirectoryRestoreTarget.Create,
        OpenSpool = settings => OpenSpool(settings, clock),
        RunLink = (settings, spool, cancellationToken) => RunLinkAsync(settings, spool, clock, cancellationToken),
        Progress = _ => new ProgressLine(clock),
    };

    private static string? AddressRefusal(string address)
    {
        try
        {
            RepositoryAddress.Parse(address);
            return null;
        }
        catch (UsageException e)
        {
            return e.Message;
        }
    }

    private static ValueTask<IBackupRepository> OpenRepository(RepositorySettings settings, CancellationToken cancellationToken)
    {
        if (settings.Address.StartsWith(EnvelopeRepository.AddressPrefix, StringComparison.Ordinal))
            return ValueTask.FromResult<IBackupRepository>(new EnvelopeRepository(settings.Address[EnvelopeRepository.AddressPrefix.Length..]));
        try
        {
            return ValueTask.FromResult(RepositoryOpener.Open(RepositoryAddress.Parse(settings.Address), new RepositorySecrets(settings.PasswordFile, settings.StateFolder, settings.TrustedKeys) { KeyFile = settings.KeyFile, Store = settings.Store, Tool = settings.Tool }));
        }
        catch (UsageException e)
        {
            throw new StoreException(StoreFailure.Misconfigured, "", e.Message, e);
        }
    }

    private static OpenSpool OpenSpool(AgentSettings settings, TimeProvider clock)
    {
        var identity = AgentIdentity.OpenOrCreate(settings.StateFolder, name: null);
        try
        {
            var spool = DurableSpool.Open(Path.Combine(settings.StateFolder, "spool"), identity.Key, identity.Origin, SoftwareVersion, clock);
            return new OpenSpool(spool, new SpooledRuns(spool), new Closing(spool, identity));
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }

    private sealed record SpooledRuns(DurableSpool Spool) : IRecordedRuns
    {
        public long? FindIntent(string type, string run) => Spool.FindIntent(type, run);
        public bool HasResult(long intent) => Spool.HasResult(intent);
    }

    private sealed record Closing(DurableSpool Spool, AgentIdentity Identity) : IDisposable
    {
        public void Dispose()
        {
            Spool.Dispose();
            Identity.Dispose();
        }
    }

    /// <summary>Waits for enrolment, then sends for as long as the service runs.</summary>
    private static async Task RunLinkAsync(AgentSettings settings, OpenSpool open, TimeProvider clock, CancellationToken cancellationToken)
    {
        var closing = (Closing)open.Lifetime;
        var link = LinkSettings.Load(settings.StateFolder);
        if (link is null) TellMissingEnrolment(settings);
        for (; link is null; link = LinkSettings.Load(settings.StateFolder)) await Task.Delay(TimeSpan.FromSeconds(5), clock, cancellationToken);
        if (settings.Server is { } wanted && ServerAddress.Parse(link.Server) != wanted)
            Console.Error.WriteLine($"{settings.File} names the server {wanted}, but this agent is enrolled at {link.Server} and sends there. Enrol it again, or correct the file.");
        using var channel = new ServerChannel(ServerAddress.Parse(link.Server), link.ServerKey is { } pin ? ServerPin.Parse(pin) : null, closing.Identity, clock);
        await new EvidenceLink(closing.Spool, channel, link.AgentId, clock, Random.Shared).RunAsync(Tell, cancellationToken);
    }

    private static void TellMissingEnrolment(AgentSettings settings) => Console.Error.WriteLine(
        $"This agent is not enrolled: its evidence waits in {settings.StateFolder} and no server shows it. Run: backupguard-agent enroll --server {settings.Server?.ToString().TrimEnd('/') ?? "URL"} --state {settings.StateFolder}");

    private static void Tell(SendReport report)
    {
        foreach (var finding in report.Findings) Console.Error.WriteLine($"{finding.Code} {finding.Message(CommandLine.Language)} {finding.Remedy(CommandLine.Language)}");
    }
}
