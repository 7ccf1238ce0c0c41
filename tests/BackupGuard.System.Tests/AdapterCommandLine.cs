using System.Text.Json;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>The worked example of an adapter, run by the agent as a hospital would run its own.</summary>
public sealed class AdapterCommandLine : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("bg-adapter-").FullName;

    private string Exports => Path.Combine(folder, "exports");
    private string Yaml => Path.Combine(folder, "agent.yaml");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        Directory.CreateDirectory(Exports);
        await File.WriteAllTextAsync(Path.Combine(folder, "data", "base.dump"), "patients of yesterday\n");
        await PackAsync("20240114-0200");
        await File.WriteAllTextAsync(Path.Combine(folder, "data", "base.dump"), "patients of today\n");
        await PackAsync("20240115-0200");
        var adapter = Path.Combine(Programs.Root, "agent/packaging/adapters/dated-tars.py");
        await File.WriteAllTextAsync(Yaml, $$"""
            state: {{folder}}/state
            repositories:
              exports:
                address: "command:{{adapter}}"
                application: dpi
                tool: { arguments: [--folder, {{Exports}}], timeout: PT1M }
            drills:
              exports-weekly:
                repository: exports
                timeZone: Europe/Paris
                sandbox: {{folder}}/sandbox
                probes:
                  - { kind: count, minFiles: 1 }
                  - { kind: command, run: [/bin/grep, -q, today, data/base.dump], exitCode: 0, timeout: PT1M }
            """);
    }

    public async Task DisposeAsync() => await Programs.MustAsync("rm", "-rf", folder);

    private Task<string> PackAsync(string name) => Programs.MustAsync("sh", "-c", $"cd {folder} && tar -czf {Exports}/{name}.tar.gz data && cd {Exports} && sha256sum {name}.tar.gz > {name}.tar.gz.sha256");

    private async Task<(int ExitCode, JsonElement Document, string Error)> DrillAsync()
    {
        var ended = await Programs.AgentAsync("drill", "exports-weekly", "--config", Yaml, "--format", "json");
        return (ended.ExitCode, JsonDocument.Parse(ended.Output).RootElement, ended.Error);
    }

    /// <summary>Without a place for arguments on the command line: a wrapper of two lines, as one would write.</summary>
    private async Task<string> WrapperAsync()
    {
        var wrapper = Path.Combine(folder, "exports-adapter");
        await File.WriteAllTextAsync(wrapper, $"#!/bin/sh\nexec {Programs.Root}/agent/packaging/adapters/dated-tars.py --folder {Exports} \"$@\"\n");
        await Programs.MustAsync("chmod", "755", wrapper);
        return "command:" + wrapper;
    }

    [Fact]
    public async Task What_the_adapter_says_is_proved_on_its_word_and_restored()
    {
        var address = await WrapperAsync();
        var inspected = await Programs.AgentAsync("inspect", address, "--format", "json");
        Assert.True(inspected.ExitCode == 0, inspected.Error);
        Assert.Equal(2, JsonDocument.Parse(inspected.Output).RootElement.GetProperty("snapshots").GetArrayLength());

        var verified = await Programs.AgentAsync("verify", address, "--format", "json");
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        var document = JsonDocument.Parse(verified.Output).RootElement;
        Assert.Equal("dated-tars", document.GetProperty("drivenBy").GetProperty("tool").GetString());
        Assert.Contains(document.GetProperty("findings").EnumerateArray(), f => f.GetProperty("code").GetString() == "BG1850");

        var restored = await Programs.AgentAsync("restore", address, "20240114-0200", "--to", Path.Combine(folder, "out"));
        Assert.True(restored.ExitCode == 0, restored.Error);
        Assert.Equal("patients of yesterday\n", await File.ReadAllTextAsync(Path.Combine(folder, "out/data/base.dump")));

        var (exitCode, drill, error) = await DrillAsync();
        Assert.True(exitCode == 0, error + drill);
        Assert.Equal("20240115-0200", drill.GetProperty("snapshot").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Damage_that_it_names_fails_and_an_empty_folder_is_never_good()
    {
        var address = await WrapperAsync();
        TemporaryFolder.Flip($"{Exports}/20240114-0200.tar.gz", 4);
        var damaged = await Programs.AgentAsync("verify", address);
        Assert.True(damaged.ExitCode == 1, damaged.Error);
        Assert.Contains("CHECKSUM its SHA-256 is not the one that was written beside it", damaged.Error, StringComparison.Ordinal);

        await Programs.MustAsync("sh", "-c", $"rm {Exports}/*.sha256");
        Assert.Equal(3, (await Programs.AgentAsync("verify", address)).ExitCode);
        await Programs.MustAsync("sh", "-c", $"rm {Exports}/*");
        Assert.Equal(1, (await Programs.AgentAsync("verify", address)).ExitCode);
        Assert.Equal(1, (await DrillAsync()).ExitCode);
    }

    [Fact]
    public async Task An_adapter_that_is_not_there_is_wrong_usage() =>
        Assert.Equal(2, (await Programs.AgentAsync("verify", "command:/nowhere/adapter")).ExitCode);
}
