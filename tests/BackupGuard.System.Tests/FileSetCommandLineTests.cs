using System.Text.Json;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>A folder or an archive that is sealed, changed, verified and restored at the shell.</summary>
public sealed class FileSetCommandLineTests : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();
    private string Export => work.Of("export");
    private string State => work.Of("state");

    public Task InitializeAsync() => Programs.MustAsync("bash", "-c", $"mkdir -p '{Export}/sous/vide' && cd '{Export}' && seq 1 5000 > a.csv && seq 20001 40000 | head -c 100000 > sous/b.bin && : > vide.txt && ln -s a.csv lien && touch -d '2020-02-02 02:02:02.5' a.csv && chmod 640 a.csv");

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }

    private Task<Programs.Ended> VerifyAsync(string what, string? state = null) => Programs.AgentAsync("verify", "files:" + what, "--state", state ?? State, "--format", "json");

    private static string[] Codes(Programs.Ended ended)
    {
        using var document = JsonDocument.Parse(ended.Output);
        return [.. document.RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()!)];
    }

    [Fact]
    public async Task A_sealed_folder_is_proved_until_something_in_it_changes()
    {
        (await Programs.AgentAsync("seal", Export, "--state", State)).ExitCode.Should().Be(0);
        (await VerifyAsync(Export)).ExitCode.Should().Be(0);
        (await VerifyAsync(Export, work.Of("another-machine"))).ExitCode.Should().Be(3, "anybody can seal: a key that nobody trusts proves nothing");

        foreach (var (change, undo) in ((string, string)[])
            [("printf x >> a.csv", "truncate -s -1 a.csv"), ("mv sous/b.bin sous/c.bin", "mv sous/c.bin sous/b.bin"), ("touch neuf", "rm neuf"), ("printf '\\x01' | dd of=sous/b.bin bs=1 seek=50000 conv=notrunc status=none", "true")])
        {
            await Programs.MustAsync("bash", "-c", $"cp -p '{Export}/sous/b.bin' '{work.Path}/b.kept'; cd '{Export}' && {change}");
            var verified = await VerifyAsync(Export);
            verified.ExitCode.Should().Be(1, change);
            Codes(verified).Should().NotBeEmpty().And.OnlyContain(c => c.StartsWith("BG12") || c == "BG4030", "a sealed set is not encrypted, which is said beside");
            await Programs.MustAsync("bash", "-c", $"cd '{Export}' && {undo}; cp -p '{work.Path}/b.kept' '{Export}/sous/b.bin'");
        }
        (await VerifyAsync(Export)).ExitCode.Should().Be(0, "everything was put back");
    }

    [Theory]
    [InlineData("tar cf", ".tar")]
    [InlineData("tar czf", ".tar.gz")]
    [InlineData("tar --zstd -cf", ".tar.zst")]
    public async Task A_sealed_archive_is_proved_restored_and_its_damage_found(string command, string extension)
    {
        var archive = work.Of("export" + extension);
        await Programs.MustAsync("bash", "-c", $"cd '{work.Path}' && {command} '{archive}' export");
        (await Programs.AgentAsync("seal", archive, "--state", State)).ExitCode.Should().Be(0);
        (await VerifyAsync(archive)).ExitCode.Should().Be(0);

        var restored = await Programs.AgentAsync("restore", "files:" + archive, "latest", "--to", work.Of("restored"), "--state", State);
        restored.ExitCode.Should().Be(0, restored.Error);
        await Programs.MustAsync("diff", "-r", "--no-dereference", Export, work.Of("restored", "export"));

        TemporaryFolder.Flip(archive, new FileInfo(archive).Length / 2);
        (await VerifyAsync(archive)).ExitCode.Should().Be(1);
        await Programs.MustAsync("truncate", "-s", "-5000", archive);
        (await VerifyAsync(archive)).ExitCode.Should().Be(1);
    }

    [Fact]
    public async Task An_unsealed_folder_and_an_empty_one_are_never_proved()
    {
        (await VerifyAsync(Export)).ExitCode.Should().Be(1);
        Directory.CreateDirectory(work.Of("empty"));
        (await Programs.AgentAsync("seal", work.Of("empty"), "--state", State)).ExitCode.Should().NotBe(0);
    }
}
