using System.Security.Cryptography;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks.Immutability;

public sealed class FolderProbeTests
{
    private static readonly LockScope Held = new(10, 10, 0, 0, [LockMode.Attribute], 0, [], null);
    private static readonly LockScope Plain = new(10, 10, 10, 0, [], 0, ["data/a"], null);
    private readonly HastyClock clock = new(new DateTimeOffset(2026, 11, 22, 3, 0, 0, TimeSpan.Zero));
    private readonly FakeFolder folder = new();
    private ProbeMemory memory = new();
    private int runs;

    private ProbeReport Probe(LockScope scope) =>
        new FolderProbe(folder, folder, new ProbePlan("files:/srv", new CanaryRun($"run{++runs}"), LockMode.Attribute, TimeSpan.FromDays(7), TimeSpan.Zero, TimeSpan.Zero), clock, m => memory = m).Run(memory, scope, CancellationToken.None);

    private static IEnumerable<FindingKind> Kinds(ProbeReport report) => report.Findings.Select(f => f.Kind);

    [Fact]
    public void An_attribute_that_the_account_cannot_lift_is_amber_because_root_can()
    {
        var report = Probe(Held);
        (report.Verdict, report.Word, report.Control.Outcome, report.CanaryMode).Should().Be((ImmutabilityVerdict.ProvedGovernance, Verdict.Inconclusive, ControlOutcome.Passed, LockMode.Attribute));
        report.FolderAttacks.Select(a => a.Attack).Should().Equal(Enum.GetValues<FolderAttack>());
        Kinds(report).Should().Contain([FolderFindings.Held, FolderFindings.FolderMoves]);
        (report.ExpiresAt, report.Standing).Should().Be((clock.Now.AddDays(8), 0));
        folder.Files.Should().BeEmpty("no canary stays, and no folder's file is held by the agent");
        memory.Canaries.Should().BeEmpty();
    }

    [Theory]
    [InlineData(FolderAttack.Delete)]
    [InlineData(FolderAttack.Overwrite)]
    [InlineData(FolderAttack.Truncate)]
    [InlineData(FolderAttack.Rename)]
    [InlineData(FolderAttack.ReplaceThroughFolder)]
    [InlineData(FolderAttack.ClearAttribute)]
    public void An_attack_that_worked_is_exposed_although_the_system_said_no(FolderAttack attack)
    {
        folder.Succeeds = attack;
        var report = Probe(Held);
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        report.FolderAttacks[^1].Should().Match<FolderAttackResult>(a => a.Attack == attack && a.Answer.Kind == AnswerKind.Refused && a.Intact == false);
        Kinds(report).Should().Contain(FolderFindings.Destroyed);
        folder.Files.Should().BeEmpty();
    }

    [Fact]
    public void Without_an_attribute_a_writer_is_exposed_and_one_who_may_not_write_is_held_by_permissions_alone()
    {
        folder.KeeperMaySet = false;
        Probe(Plain).Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        folder.MayWrite = false;
        var report = Probe(Plain);
        report.Verdict.Should().Be(ImmutabilityVerdict.IamOnly);
        Kinds(report).Should().Contain(FolderFindings.PermissionsOnly).And.NotContain(FolderFindings.NewestWithout);
    }

    [Fact]
    public void A_permission_on_the_backups_themselves_is_exposed_whatever_the_canary_says()
    {
        folder.MayWrite = false;
        var report = Probe(Plain with { Open = 3 });
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        Kinds(report).Should().Contain(FolderFindings.NewestOpen);
    }

    [Fact]
    public void Backups_that_lost_the_attribute_are_exposed_although_the_canary_holds()
    {
        var report = Probe(Held with { Unlocked = 1, Examples = ["data/new"] });
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        Kinds(report).Should().Contain(FolderFindings.NewestWithout);
    }

    [Fact]
    public void A_canary_that_cannot_have_the_attribute_is_no_stand_in_for_backups_that_have_it()
    {
        folder.KeeperMaySet = false;
        var report = Probe(Held);
        (report.Verdict, report.Control.Outcome).Should().Be((ImmutabilityVerdict.ConfigOnly, ControlOutcome.Passed));
        report.FolderAttacks.Should().BeEmpty();
        Kinds(report).Should().Contain(FolderFindings.AttributeNotTried);
    }

    [Theory]
    [InlineData("EROFS")]
    [InlineData("EACCES")]
    public void A_folder_where_nobody_may_write_was_only_read(string code)
    {
        folder.NobodyMayWrite = code;
        var report = Probe(Plain);
        (report.Verdict, report.Unfinished).Should().Be((ImmutabilityVerdict.ConfigOnly, new Words($"nothing could be written there ({code})", $"rien n’a pu y être écrit ({code})")));
        Kinds(report).Should().Contain(code == "EROFS" ? FolderFindings.ReadOnlyMount : FolderFindings.NothingPlanted);
    }

    [Fact]
    public void A_folder_that_is_not_seen_in_the_middle_concludes_nothing()
    {
        folder.BlindAfter = 3;
        Probe(Held).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);
    }

    [Fact]
    public void An_account_that_may_not_delete_without_the_attribute_either_shows_nothing_about_it()
    {
        folder.MayWrite = false;
        Probe(Held).Verdict.Should().Be(ImmutabilityVerdict.IamOnly);
    }

    [Fact]
    public void An_empty_folder_is_never_a_protected_one() => Probe(LockScope.Empty).Verdict.Should().Be(ImmutabilityVerdict.Inconclusive);

    [Fact]
    public void What_a_killed_probe_left_behind_is_taken_away_by_the_next_and_what_cannot_be_is_told()
    {
        var (key, content) = (new CanaryKey(new CanaryRun("killed"), "held"), new byte[4096]);
        ((IFolderUnderTest)folder).Plant(key, content);
        folder.Hold(key);
        memory = new ProbeMemory { Canaries = [new PlantedCanary(new CanaryVersion(key, ""), Convert.ToHexStringLower(SHA256.HashData(content)), LockMode.Unknown, clock.Now, clock.Now)] };
        folder.KeepsEverything = true;
        Kinds(Probe(Held)).Should().Contain(FolderFindings.CanaryLeft);
        memory.Canaries.Should().Contain(c => c.Canary.Key == key);
        folder.KeepsEverything = false;
        Kinds(Probe(Held)).Should().NotContain(FolderFindings.CanaryLeft);
        (folder.Files.Count, memory.Canaries.Count).Should().Be((0, 0));
    }

    [Fact]
    public void Nothing_but_a_canary_can_be_aimed_at()
    {
        foreach (var method in (System.Reflection.MethodInfo[])[.. typeof(IFolderUnderTest).GetMethods(), .. typeof(IFolderKeeper).GetMethods()])
        foreach (var parameter in method.GetParameters())
            ((Type[])[typeof(CanaryKey), typeof(PlantedCanary), typeof(FolderAttack), typeof(ReadOnlyMemory<byte>)]).Should().Contain(parameter.ParameterType, "{0} must not take a name as text", method.Name);
    }

    /// <summary>A folder in memory, with an account that may write or not, and a keeper that may set the attribute or not.</summary>
    private sealed class FakeFolder : IFolderUnderTest, IFolderKeeper
    {
        public Dictionary<CanaryKey, (string Sha256, bool Immutable)> Files { get; } = [];
        public bool MayWrite { get; set; } = true;
        public bool KeeperMaySet { get; set; } = true;
        public bool KeepsEverything { get; set; }
        public string? NobodyMayWrite { get; set; }
        public FolderAttack? Succeeds { get; set; }
        public int BlindAfter { get; set; } = int.MaxValue;
        private int looks;

        string IFolderUnderTest.Identity => "writer";
        string IFolderKeeper.Identity => "root";

        private static StoreAnswer Said(bool accepted, string code = "EPERM") => new(accepted ? AnswerKind.Accepted : AnswerKind.Refused, 0, accepted ? "" : code, "", null);

        StoreAnswer IFolderUnderTest.Plant(CanaryKey key, ReadOnlyMemory<byte> content) => MayWrite ? ((IFolderKeeper)this).Plant(key, content) : Said(false);

        StoreAnswer IFolderKeeper.Plant(CanaryKey key, ReadOnlyMemory<byte> content)
        {
            if (NobodyMayWrite is { } code) return Said(false, code);
            Files.Add(key, (Convert.ToHexStringLower(SHA256.HashData(content.Span)), false));
            return Said(true);
        }

        public StoreAnswer Attack(FolderAttack attack, CanaryKey key)
        {
            if (attack == Succeeds)
            {
                if (attack is FolderAttack.Delete or FolderAttack.Rename) Files.Remove(key);
                else Files[key] = attack == FolderAttack.ClearAttribute ? (Files[key].Sha256, false) : (new string('0', 64), Files[key].Immutable);
                return Said(false);
            }
            if (!MayWrite || Files[key].Immutable && attack != FolderAttack.MoveFolderAway) return Said(false);
            if (attack == FolderAttack.Delete) Files.Remove(key);
            return Said(true);
        }

        public StoreAnswer Delete(CanaryKey key) => Attack(FolderAttack.Delete, key);

        public StoreAnswer Hold(CanaryKey key)
        {
            if (KeeperMaySet) Files[key] = (Files[key].Sha256, true);
            return Said(KeeperMaySet);
        }

        public StoreAnswer Release(PlantedCanary canary)
        {
            Files[canary.Canary.Key] = (Files[canary.Canary.Key].Sha256, false);
            return Said(true);
        }

        public StoreAnswer Remove(PlantedCanary canary) => Said(!KeepsEverything && Files.Remove(canary.Canary.Key));

        public CanarySight Look(CanaryKey key) => ++looks > BlindAfter && looks < BlindAfter + 4 ? CanarySight.Unseen("the disk failed")
            : Files.TryGetValue(key, out var file) ? new CanarySight(SightKind.Seen, file.Sha256, file.Immutable ? new ObjectLock(LockMode.Attribute, null, false) : ObjectLock.None, null, "")
            : new CanarySight(SightKind.Gone, "", ObjectLock.Unknown, null, "");

        public IReadOnlyList<ConfigurationAnswer> ReadConfiguration() => [new("mount", AnswerState.Said, "ext4 rw")];
    }
}
