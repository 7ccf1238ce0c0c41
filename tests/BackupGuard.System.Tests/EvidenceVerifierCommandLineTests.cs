using System.IO.Compression;
using System.Text.Json;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>An auditor with a pack, a key and no server: what the program says, and how it ends.</summary>
public sealed class EvidenceVerifierCommandLineTests : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();
    private string key = "";

    private string Pack => work.Of("dossier.zip");

    public async Task InitializeAsync()
    {
        File.WriteAllText(work.Of("catalogue.yaml"), """
            format: backupguard.catalogue/v1
            establishment: CH d'essai
            timeZone: Europe/Paris
            applications:
              - { id: dpi, name: DPI }
            """);
        await using (var server = new Watched(Programs.Start("dotnet", [Programs.Server, "run", "--urls", "http://127.0.0.1:0", "--data", work.Of("server"), "--catalogue", work.Of("catalogue.yaml")])))
        {
            await server.LineAsync("Listening on ");
            (await server.SignalAsync("TERM")).Should().Be(0);
        }
        var printed = await Programs.MustAsync("dotnet", Programs.Server, "evidence-pack", "--from", "2000-01-01", "--data", work.Of("server"), "--out", Pack);
        key = printed.Split("--key ")[1].Trim();
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }

    private static Task<Programs.Ended> VerifyAsync(string path, params string[] more) => Programs.RunAsync("dotnet", [Programs.Evidence, "verify", path, .. more]);

    [Fact]
    public async Task A_pack_is_checked_line_by_line_in_both_languages_and_ends_with_a_verdict()
    {
        var french = await VerifyAsync(Pack, "--key", key, "--language", "fr");
        var english = await VerifyAsync(Pack, "--key", key, "--language", "en");

        french.Should().Match<Programs.Ended>(e => e.ExitCode == 0 && e.Error.Length == 0);
        french.Output.Should().Contain("[juste] Signatures").And.Contain("Ce que ceci ne prouve pas").And.Contain("JUSTE").And.NotContain("[FAUX]").And.NotMatchRegex(@"\[non fait\] (?!Aucun horodatage)");
        english.Output.Should().Contain("[right] Signatures").And.Contain("What this does not prove").And.Contain("SOUND");
    }

    [Fact]
    public async Task The_exit_code_tells_sound_broken_incomplete_and_policy_not_met_apart()
    {
        var folder = work.Of("dossier");
        ZipFile.ExtractToDirectory(Pack, folder);
        var entry = Directory.EnumerateFiles(Path.Combine(folder, "records"), "*.json").Order().First();
        (await VerifyAsync(folder, "--key", key)).ExitCode.Should().Be(0, "an unpacked pack is the same pack");

        File.WriteAllText(work.Of("policy"), $"log {key}\nwitness autre {key.Replace("+", "x+", StringComparison.Ordinal).Split('+')[0]}+{key.Split('+', 2)[1]}\nquorum autre\n");
        (await VerifyAsync(folder, "--policy", work.Of("policy"))).Should().Match<Programs.Ended>(e => e.ExitCode == 3 && e.Output.Contains("BG2040"));

        var bytes = File.ReadAllBytes(entry);
        bytes[^2] ^= 1;
        File.WriteAllBytes(entry, bytes);
        var broken = await VerifyAsync(folder, "--key", key, "--format", "json");
        broken.ExitCode.Should().Be(1);
        using (var document = JsonDocument.Parse(broken.Output))
        {
            document.RootElement.GetProperty("verdict").GetString().Should().Be("broken");
            document.RootElement.GetProperty("checks").EnumerateArray().Select(c => (c.GetProperty("check").GetString(), c.GetProperty("outcome").GetString()))
                .Should().Contain([("files", "failed"), ("entries", "not-done")]);
        }

        File.Delete(entry);
        (await VerifyAsync(folder, "--key", key)).Should().Match<Programs.Ended>(e => e.ExitCode == 2 && e.Output.Contains("BG2035"));

        File.CreateSymbolicLink(entry, work.Of("catalogue.yaml"));
        (await VerifyAsync(folder, "--key", key)).Should().Match<Programs.Ended>(e => e.ExitCode == 1 && e.Output.Contains("BG2031"));
        (await Programs.RunAsync("python3", ["-B", Programs.SecondVerifier, "--key", key, folder])).Should().Match<Programs.Ended>(e => e.ExitCode == 1 && e.Output.Contains("BG2031"));
    }

    [Fact]
    public async Task Wrong_usage_is_one_sentence_and_exit_code_2()
    {
        (string[] Arguments, string Says)[] wrong =
        [
            ([Pack], "--policy FILE or --key KEY"),
            ([Pack, "--key", key, "--policy", work.Of("catalogue.yaml")], "one of them"),
            ([Pack, "--key", "backupguard/none"], "BG2001"),
            ([Pack, "--policy", work.Of("catalogue.yaml")], "BG2029"),
            ([work.Of("nowhere.zip"), "--key", key], "nowhere.zip"),
            ([Pack, "--key", key, "--format", "xml"], "xml"),
        ];
        foreach (var (arguments, says) in wrong)
        {
            var ended = await VerifyAsync(arguments[0], arguments[1..]);
            ended.ExitCode.Should().Be(2, says);
            ended.Error.Should().Contain(says).And.NotContain("   at ");
            ended.Output.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_pack_is_never_written_over_and_never_empty()
    {
        var again = await Programs.RunAsync("dotnet", [Programs.Server, "evidence-pack", "--from", "2000-01-01", "--data", work.Of("server"), "--out", Pack]);
        again.Should().Match<Programs.Ended>(e => e.ExitCode == 2 && e.Error.Contains("never written over"));

        var empty = await Programs.RunAsync("dotnet", [Programs.Server, "evidence-pack", "--application", "dpi", "--data", work.Of("server"), "--out", work.Of("vide.zip")]);
        empty.Should().Match<Programs.Ended>(e => e.ExitCode == 1 && e.Error.Contains("BG2120"));
        File.Exists(work.Of("vide.zip")).Should().BeFalse();

        var both = await Programs.RunAsync("dotnet", [Programs.Server, "evidence-pack", "--application", "dpi", "--objective", "X", "--data", work.Of("server"), "--out", work.Of("vide.zip")]);
        both.Should().Match<Programs.Ended>(e => e.ExitCode == 2 && e.Error.Contains("BG2123"));
    }
}
