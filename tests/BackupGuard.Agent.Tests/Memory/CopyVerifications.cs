using BackupGuard.Agent.Memory;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Restoring;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Memory;

/// <summary>What becomes of a verification whose memory cannot be used: it is told, and nothing is taken for a first look in silence.</summary>
public sealed class CopyVerifications : IDisposable
{
    private static readonly RepositoryAddress Address = RepositoryAddress.Parse("restic:/srv/backup");
    private readonly string folder = Directory.CreateTempSubdirectory("bg-memory-").FullName;

    private sealed class Good(Protection? protection = null) : IBackupRepository
    {
        public Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken) =>
            Task.FromResult(new VerifyReport { Findings = [], RepositoryId = "id", Inventory = new Inventory([], [], protection ?? new Protection("AES", "scrypt", null), IsHistory: true) });

        public Task<InspectReport> InspectAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
        public Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private static async Task<IEnumerable<string>> CodesAsync(string state) =>
        (await new CopyVerification(Address, state, TimeProvider.System).RunAsync(new Good(), null, CancellationToken.None)).Findings.Select(f => f.Code);

    [Fact]
    public async Task A_memory_that_cannot_be_opened_is_told()
    {
        var file = Path.Combine(folder, "state");
        File.WriteAllText(file, "a file where a folder should be");
        (await CodesAsync(file)).Should().Contain("BG4001");
    }

    [Fact]
    public async Task A_register_that_is_none_is_told_and_put_aside()
    {
        string register;
        using (var memory = RepositoryMemory.Open(folder, Address)) register = memory.Register;
        File.WriteAllText(register, "{}");
        (await CodesAsync(folder)).Should().Contain("BG4002");
        (await CodesAsync(folder)).Should().NotContain("BG4002", "a new one was begun");
    }

    [Fact]
    public async Task Where_encryption_is_required_and_nobody_looked_the_copy_is_not_proved()
    {
        async Task<VerifyReport> LookAsync(bool required) =>
            await new CopyVerification(Address, null, TimeProvider.System) { Policy = new CopyPolicy { EncryptionRequired = required } }.RunAsync(new Good(Protection.Unknown), null, CancellationToken.None);
        (await LookAsync(required: true)).Verdict.Should().Be(Verdict.Inconclusive);
        var indifferent = await LookAsync(required: false);
        indifferent.Verdict.Should().Be(Verdict.Proved);
        indifferent.Findings.Should().Contain(f => f.Code == "BG4034");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
