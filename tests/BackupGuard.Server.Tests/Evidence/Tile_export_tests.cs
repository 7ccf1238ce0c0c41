using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.Tiles;
using BackupGuard.Server.Features.Evidence.Packs;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>The log as static files, written beside a working server and judged by the verifier that an auditor has.</summary>
public sealed class Tile_export_tests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-tiles-").FullName;
    private readonly TestAgent agent = TestAgent.Named("sauv-1");
    private TestServer server = null!;      // set by InitializeAsync before every test
    private HttpClient client = null!;      // likewise

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync();
        client = server.Browser();
        await agent.EnrolAsync(server, client);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        agent.Dispose();
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Full_tiles_are_written_once_and_the_log_stays_sound_as_it_grows()
    {
        await SendAsync(300);
        (await ExportAsync())!.Head.Size.Should().Be(301);
        Verify().Verdict.Should().Be(EvidenceVerdict.Sound);
        var full = File.GetLastWriteTimeUtc(Path.Combine(folder, "tile/entries/000"));

        await SendAsync(3);
        (await ExportAsync())!.Written.Should().Be(2, "the partial hashes and the partial bundles");     // the log is not empty
        var report = Verify();
        report.Verdict.Should().Be(EvidenceVerdict.Sound);
        report.Head!.Size.Should().Be(304);     // a sound log has a head
        File.GetLastWriteTimeUtc(Path.Combine(folder, "tile/entries/000")).Should().Be(full);
        Directory.EnumerateFiles(Path.Combine(folder, "checkpoints")).Should().ContainSingle("the old head stays");
        (await ExportAsync())!.Written.Should().Be(0);
    }

    [Fact]
    public async Task A_folder_with_a_head_that_this_log_never_had_is_not_written_to()
    {
        await ExportAsync();
        var key = server.Services.GetRequiredService<ServerIdentity>().Key;
        File.WriteAllBytes(Path.Combine(folder, "checkpoint"), new Checkpoint(server.Services.GetRequiredService<ServerIdentity>().LogKey.Name, 1, Hash256.Of("fork"u8)).Sign(key));
        await FluentActions.Awaiting(ExportAsync).Should().ThrowAsync<UsageException>().WithMessage("*no beginning of this log*");

        using var stranger = EvidenceKey.Generate();
        File.WriteAllBytes(Path.Combine(folder, "checkpoint"), new Checkpoint("elsewhere/log", 1, Hash256.Of("x"u8)).Sign(stranger));
        await FluentActions.Awaiting(ExportAsync).Should().ThrowAsync<UsageException>().WithMessage("*another log*");
    }

    private Task<ExportedLog?> ExportAsync() => server.Services.GetRequiredService<TileExport>().RunAsync(folder, CancellationToken.None);

    private async Task SendAsync(int count)
    {
        foreach (var batch in Enumerable.Range(0, count).Chunk(100)) await agent.SendAsync(client, [.. batch.Select(_ => agent.Next())]);
    }

    private VerificationReport Verify() =>
        TileVerifier.Verify(new Files(folder), TrustPolicy.Of(server.Services.GetRequiredService<ServerIdentity>().LogKey), server.Clock.GetUtcNow());

    private sealed class Files(string folder) : IEvidenceFiles
    {
        public IReadOnlyCollection<string> Names { get; } = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))];

        public ReadOnlyMemory<byte> Read(string name) => File.ReadAllBytes(Path.Combine(folder, name));
    }
}
