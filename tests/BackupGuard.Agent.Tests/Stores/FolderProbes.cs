using System.Diagnostics;
using System.Text.Json;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Stores;
using BackupGuard.Contracts;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores;

/// <summary>The probe of a real folder: as root, with the attribute of a real file system, against an account that is not root. Needs root for all three.</summary>
[Trait("Needs", "immutable")]
public sealed class FolderProbes : IDisposable
{
    private const string Writer = "nobody";
    private readonly string top = Directory.CreateTempSubdirectory("bg-probe-").FullName;
    private readonly string backup;

    public FolderProbes()
    {
        File.SetUnixFileMode(top, (UnixFileMode)0x1ED);
        backup = Path.Combine(top, "backup");
        Directory.CreateDirectory(Path.Combine(backup, "data"));
        foreach (var name in (string[])["data/old", "data/new"]) File.WriteAllText(Path.Combine(backup, name), "a backup");
    }

    public void Dispose()
    {
        Run("chattr", "-R", "-i", top);
        Directory.Delete(top, recursive: true);
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private void Owns(string account, string name = "") => Run("chown", "-R", account, Path.Combine(backup, name)).Should().Be(0);
    private void Holds(string name) => Run("chattr", "+i", Path.Combine(backup, name)).Should().Be(0);

    private async Task<ProbeDocument> ProbeAsync(string? identity = Writer, string? folder = null)
    {
        var settings = new LockProbeSettings(identity, null, LockMode.Attribute, TimeSpan.FromDays(7), TimeSpan.Zero, TimeSpan.Zero, ["Anne Martin", "Luc Petit"], null);
        var repository = new RepositorySettings("dpi", "files:" + (folder ?? backup), null, "dpi", null) { StateFolder = Path.Combine(top, "state") };
        var job = new ProbeJob(repository, settings, (_, _) => throw new InvalidOperationException("not needed"), (_, _) => throw new InvalidOperationException("not a bucket"), TimeProvider.System);
        return JsonSerializer.Deserialize(await job.RunAsync(new JobStart("run", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, "person"), CancellationToken.None), DocumentJson.Default.ProbeDocument)!;
    }

    /// <summary>The backups' bytes, and that nothing else is there.</summary>
    private void IsUntouched()
    {
        Directory.EnumerateFileSystemEntries(backup, "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(backup, p)).Should().BeEquivalentTo("data", "data/old", "data/new");
        foreach (var name in (string[])["data/old", "data/new"]) File.ReadAllText(Path.Combine(backup, name)).Should().Be("a backup");
    }

    [Fact]
    public async Task A_hardened_repository_holds_against_its_writer_and_is_amber_because_root_lifts_the_attribute()
    {
        Owns(Writer);
        Holds("data/old");
        Holds("data/new");
        var document = await ProbeAsync();
        (document.Immutability, document.Verdict, document.CanaryMode, document.Control!.Outcome).Should().Be(("proved-governance", "inconclusive", "attribute", "passed"), string.Join('\n', document.Findings.Select(f => f.Message)));
        (document.Identity, document.Verifier).Should().Be((Writer, "root"));
        document.Attacks.Select(a => (a.Attack, a.Intact)).Should().Equal(("delete", "yes"), ("overwrite", "yes"), ("truncate", "yes"), ("rename", "yes"), ("replace through folder", "yes"), ("clear attribute", "yes"), ("move folder away", "yes"));
        document.Attacks.Where(a => a.Answer == "accepted").Select(a => a.Attack).Should().Equal((string[])["move folder away"], "no attribute on a file holds its folder");
        document.Findings.Should().Contain(f => f.Code == "BG4140").And.Contain(f => f.Code == "BG4148");
        document.CanariesStanding.Should().Be(0);
        IsUntouched();
    }

    [Fact]
    public async Task Root_lifts_the_attribute_and_is_exposed_while_the_backups_keep_theirs()
    {
        Holds("data/old");
        Holds("data/new");
        var document = await ProbeAsync(identity: null);
        (document.Immutability, document.Attacks[^1].Attack, document.Attacks[^1].Intact).Should().Be(("exposed", "clear attribute", "no"));
        IsUntouched();
        var store = new FileSystemStore(backup);
        foreach (var name in (string[])["data/old", "data/new"]) (await store.LockAsync(name, "", CancellationToken.None)).Mode.Should().Be(LockMode.Attribute);
    }

    [Fact]
    public async Task A_new_backup_without_the_attribute_is_exposed()
    {
        Owns(Writer);
        Holds("data/old");
        var document = await ProbeAsync();
        document.Immutability.Should().Be("exposed");
        document.Findings.Should().Contain(f => f.Code == "BG4142").And.Contain(f => f.Code == "BG4143");
        IsUntouched();
    }

    [Fact]
    public async Task A_folder_of_another_account_is_held_by_permissions_alone()
    {
        var document = await ProbeAsync();
        (document.Immutability, document.Control!.Outcome).Should().Be(("iam-only", "refused"), string.Join('\n', document.Findings.Select(f => f.Message)));
        document.Findings.Should().Contain(f => f.Code == "BG4144");
        IsUntouched();
    }

    [Theory]
    [InlineData("data/new", "a file that the account owns")]
    [InlineData("data", "a folder that the account owns: it can delete what lies in it")]
    public async Task What_permissions_allow_on_the_backups_themselves_is_exposed_although_the_canary_held(string owned, string why)
    {
        Run("chown", Writer, Path.Combine(backup, owned)).Should().Be(0);
        var document = await ProbeAsync();
        document.Immutability.Should().Be("exposed", why);
        document.Attacks.Should().OnlyContain(a => a.Intact == "yes");
        document.Findings.Should().Contain(f => f.Code == "BG4142");
        IsUntouched();
    }

    [Fact]
    public async Task A_read_only_mount_shows_what_this_mount_allows_and_nothing_more()
    {
        Owns(Writer);
        var mount = Path.Combine(top, "mount");
        Directory.CreateDirectory(mount);
        Run("mount", "--bind", backup, mount).Should().Be(0);
        try
        {
            Run("mount", "-o", "remount,bind,ro", mount).Should().Be(0);
            var document = await ProbeAsync(folder: mount);
            (document.Immutability, document.Verdict).Should().Be(("config-only", "inconclusive"));
            document.Findings.Should().Contain(f => f.Code == "BG4146").And.NotContain(f => f.Code == "BG4142");
        }
        finally
        {
            Run("umount", mount).Should().Be(0);
        }
        (await ProbeAsync()).Immutability.Should().Be("exposed", "the same disk through another mount");
        IsUntouched();
    }

    [Fact]
    public async Task A_link_in_the_place_of_the_canaries_folder_leads_nowhere()
    {
        Owns(Writer);
        var elsewhere = Directory.CreateDirectory(Path.Combine(top, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(backup, ".backupguard"), elsewhere);
        (await ProbeAsync(identity: null)).Attacks.Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(elsewhere).Should().BeEmpty();
    }

    [Fact]
    public void A_hard_link_in_the_place_of_a_canary_leads_to_no_change()
    {
        Holds("data/old");
        var key = new CanaryKey(new CanaryRun("run1"), "held");
        var planted = new PlantedCanary(new CanaryVersion(key, ""), new string('0', 64), LockMode.Attribute, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow);
        using var canaries = new FolderCanaries(backup, LocalAccount.Own);
        ((IFolderUnderTest)canaries).Plant(key, new byte[4096]).Kind.Should().Be(AnswerKind.Accepted);
        var path = Path.Combine(backup, key.Text);
        File.Delete(path);
        Run("ln", Path.Combine(backup, "data/new"), path).Should().Be(0);
        foreach (var attack in (FolderAttack[])[FolderAttack.Overwrite, FolderAttack.Truncate, FolderAttack.ClearAttribute]) canaries.Attack(attack, key).Kind.Should().Be(AnswerKind.None);
        File.Delete(path);
        Run("chattr", "-i", Path.Combine(backup, "data/old"));
        Run("ln", Path.Combine(backup, "data/old"), path).Should().Be(0);
        Holds("data/old");
        using var nextProcess = new FolderCanaries(backup, LocalAccount.Own);
        nextProcess.Release(planted).Kind.Should().Be(AnswerKind.None, "its bytes are not those of the canary");
        Run("chattr", "-i", Path.Combine(backup, "data/old"));
        canaries.Remove(planted);
        IsUntouched();
    }

    [Fact]
    public void What_a_killed_process_left_immutable_is_released_by_its_bytes_and_removed()
    {
        var key = new CanaryKey(new CanaryRun("run1"), "held");
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(4096);
        var planted = new PlantedCanary(new CanaryVersion(key, ""), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), LockMode.Attribute, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow);
        using (var killed = new FolderCanaries(backup, LocalAccount.Own))
        {
            ((IFolderUnderTest)killed).Plant(key, content).Kind.Should().Be(AnswerKind.Accepted);
            killed.Hold(key).Kind.Should().Be(AnswerKind.Accepted);
        }
        using var next = new FolderCanaries(backup, LocalAccount.Own);
        next.Remove(planted).Kind.Should().Be(AnswerKind.Refused);
        next.Release(planted).Kind.Should().Be(AnswerKind.Accepted);
        next.Remove(planted).Kind.Should().Be(AnswerKind.Accepted);
        IsUntouched();
    }

    [Fact]
    public void An_account_that_does_not_exist_is_a_mistake_of_the_file_and_root_s_own_rights_do_not_leak()
    {
        ((Action)(() => LocalAccount.Named("nobody-of-that-name"))).Should().Throw<UsageException>();
        var secret = Path.Combine(top, "secret");
        File.WriteAllText(secret, "for root alone");
        File.SetUnixFileMode(secret, UnixFileMode.UserRead);
        LocalAccount.Named(Writer).Run(() => { try { File.ReadAllText(secret); return true; } catch (UnauthorizedAccessException) { return false; } }).Should().BeFalse();
        File.ReadAllText(secret).Should().Be("for root alone", "the rest of the process keeps its rights");
    }

    [Fact]
    public async Task On_another_operating_system_nothing_is_said_to_be_good()
    {
        var settings = new LockProbeSettings(null, null, LockMode.Attribute, TimeSpan.FromDays(7), TimeSpan.Zero, TimeSpan.Zero, ["Anne Martin", "Luc Petit"], null);
        var repository = new RepositorySettings("dpi", "files:" + backup, null, "dpi", null) { StateFolder = Path.Combine(top, "state") };
        var result = await new LockProbe(repository, settings, (_, _) => throw new InvalidOperationException(), (_, _) => throw new InvalidOperationException(), TimeProvider.System) { KnowsFolders = false }.RunAsync(CancellationToken.None);
        result.Report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
        result.Report.Findings.Should().ContainSingle().Which.Kind.Should().Be(FolderFindings.NotOnThisSystem);
        IsUntouched();
    }
}
