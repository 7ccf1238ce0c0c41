using System.Text.Json;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>The probe of a folder by an account that is not root, as a whole process: nothing of root's power is in it.</summary>
[Trait("Needs", "immutable")]
public sealed class FolderProbeCommandLineTests : IDisposable
{
    private readonly TemporaryFolder work = new();

    public void Dispose()
    {
        Programs.RunAsync("chattr", ["-R", "-i", work.Of("backup")]).GetAwaiter().GetResult();
        work.Dispose();
    }

    [Fact]
    public async Task An_ordinary_account_concludes_nothing_about_an_attribute_that_it_cannot_set_and_is_exposed_where_there_is_none()
    {
        await Programs.MustAsync("bash", "-c", $"chmod 755 '{work.Path}' && mkdir -p '{work.Of("backup/data")}' '{work.Of("state")}' && echo bytes > '{work.Of("backup/data/a")}' && chown -R nobody '{work.Of("backup")}' '{work.Of("state")}' && chattr +i '{work.Of("backup/data/a")}'");
        await File.WriteAllTextAsync(work.Of("agent.yaml"), $$"""
            state: {{work.Of("state")}}
            repositories:
              dpi:
                address: "files:{{work.Of("backup")}}"
                application: dpi
                probe: { approvedBy: [Anne Martin, Luc Petit] }
            """);
        var (held, document) = await ProbeAsync();
        (held, document.GetProperty("immutability").GetString(), document.GetProperty("identity").GetString()).Should().Be((3, "config-only", "nobody"));
        document.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()).Should().Contain("BG4147");

        await Programs.MustAsync("chattr", "-i", work.Of("backup/data/a"));
        var (open, exposed) = await ProbeAsync();
        (open, exposed.GetProperty("immutability").GetString(), exposed.GetProperty("attacks")[0].GetProperty("intact").GetString()).Should().Be((1, "exposed", "no"));
        Directory.EnumerateFileSystemEntries(work.Of("backup")).Should().Equal(work.Of("backup/data"));
        (await File.ReadAllTextAsync(work.Of("backup/data/a"))).Should().Be("bytes\n");
    }

    private async Task<(int ExitCode, JsonElement Document)> ProbeAsync()
    {
        var ended = await Programs.RunAsync("setpriv", ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--inh-caps=-all", "dotnet", Programs.Agent, "probe", "dpi", "--config", work.Of("agent.yaml"), "--format", "json"],
            ("HOME", "/"), ("USER", "nobody"), ("LOGNAME", "nobody"), ("TMPDIR", "/tmp"));
        ended.Output.Should().NotBeEmpty(ended.Error);
        using var document = JsonDocument.Parse(ended.Output);
        return (ended.ExitCode, document.RootElement.Clone());
    }
}
