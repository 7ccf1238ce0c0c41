using System.Text.Json;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>The sealed envelope, tried as on the day when nothing else is left.</summary>
public sealed class ResticEnvelopeTests : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();

    public async Task InitializeAsync()
    {
        await Programs.MustAsync("restic", "-r", work.Of("repository"), "--no-cache", "init");
        await File.WriteAllTextAsync(work.Of("file"), "content");
        await Programs.MustAsync("restic", "-r", work.Of("repository"), "--no-cache", "backup", work.Of("file"));
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }

    private async Task<Programs.Ended> TryAsync(string content, params string[] more)
    {
        await File.WriteAllTextAsync(work.Of("envelope"), content);
        return await Programs.AgentAsync(["envelope-test", work.Of("envelope"), .. more]);
    }

    private string With(string password) => $"format: backupguard.envelope/v1\nrepository: \"restic:{work.Of("repository")}\"\nsealedOn: 2026-11-01\npassword: {password}\n";

    [Fact]
    public async Task The_right_password_opens_the_backup_alone()
    {
        var ended = await TryAsync(With(Programs.Password));
        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Error.Should().Contain("BG4040");
        (ended.Output + ended.Error).Should().NotContain(Programs.Password, "a secret is never printed");
    }

    [Fact]
    public async Task A_password_that_was_changed_since_is_found_before_the_day() => (await TryAsync(With("another"))).Should().Match<Programs.Ended>(e => e.ExitCode == 1 && e.Error.Contains("BG4041"));

    [Fact]
    public async Task The_environment_does_not_help_an_envelope_without_a_password()
    {
        // Programs gives every process the right password in BACKUPGUARD_PASSWORD.
        var ended = await TryAsync($"format: backupguard.envelope/v1\nrepository: \"restic:{work.Of("repository")}\"\nsealedOn: 2026-11-01\n");
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("BG4042");
    }

    [Fact]
    public async Task A_backup_that_was_moved_is_named()
    {
        Directory.Move(work.Of("repository"), work.Of("moved"));
        (await TryAsync(With(Programs.Password))).ExitCode.Should().Be(3, "nothing there says nothing about the envelope");
        (await TryAsync(With(Programs.Password), "--at", $"restic:{work.Of("moved")}")).ExitCode.Should().Be(0);
    }

    private async Task<(int ExitCode, JsonElement Document)> KitAsync(string envelope)
    {
        await File.WriteAllTextAsync(work.Of("envelope"), envelope);
        await File.WriteAllTextAsync(work.Of("agent.yaml"), $$"""
            state: {{work.Of("state")}}
            repositories: { other: { address: "restic:{{work.Of("elsewhere")}}", application: dpi } }
            drills:
              socle:
                envelope: {{work.Of("envelope")}}
                application: socle
                timeZone: Europe/Paris
                steps:
                  - { kind: exists, glob: "**/file" }
                  - { kind: command, run: [/bin/grep, -q, content, "{{work.Of("file")[1..]}}"] }
            """);
        var ended = await Programs.AgentAsync("drill", "socle", "--config", work.Of("agent.yaml"), "--format", "json");
        return (ended.ExitCode, JsonDocument.Parse(ended.Output).RootElement);
    }

    private static IEnumerable<string?> Codes(JsonElement document) => document.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString());

    [Fact, Trait("Needs", "room")]
    public async Task A_bare_metal_drill_starts_from_nothing_but_the_envelope()
    {
        var (exitCode, document) = await KitAsync(With(Programs.Password));
        exitCode.Should().Be(0, document.ToString());
        document.GetProperty("repository").GetString().Should().Be("envelope:" + work.Of("envelope"));
        document.GetProperty("control").GetProperty("alarmProved").GetBoolean().Should().BeTrue();
        document.ToString().Should().NotContain(Programs.Password);
    }

    [Fact]
    public async Task A_bare_metal_drill_from_an_envelope_that_no_longer_opens_has_failed()
    {
        var (exitCode, changed) = await KitAsync(With("another"));
        exitCode.Should().Be(1, changed.ToString());
        Codes(changed).Should().Contain("BG4041");
        // Programs gives every process the right password in BACKUPGUARD_PASSWORD: it must not help.
        (exitCode, var lacking) = await KitAsync($"format: backupguard.envelope/v1\nrepository: \"restic:{work.Of("repository")}\"\nsealedOn: 2026-11-01\n");
        exitCode.Should().Be(1);
        Codes(lacking).Should().Contain("BG4042");
        (exitCode, var unreadable) = await KitAsync("nothing of the kind");
        exitCode.Should().Be(1, "a paper that nobody can read is no key");
        Codes(unreadable).Should().Contain("BG4042");
        Directory.Delete(work.Of("repository"), recursive: true);
        (await KitAsync(With(Programs.Password))).ExitCode.Should().Be(3, "nothing there says nothing about the envelope");
    }

    [Fact]
    public async Task What_is_no_envelope_is_refused_without_showing_what_stands_in_it()
    {
        var ended = await TryAsync("format: backupguard.envelope/v1\nsecret-in-a-wrong-key: hunter2\n");
        ended.ExitCode.Should().Be(2);
        ended.Error.Should().NotContain("hunter2");
    }
}
