using System.Buffers.Binary;
using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Machines;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Machines;

public sealed class MachineJudgements
{
    private static RoomEnd End(int code, string output = "", string error = "") => new(code, false, Encoding.UTF8.GetBytes(output), Encoding.UTF8.GetBytes(error));

    [Theory]
    [InlineData("base.qcow2", "/restored/vm/base.qcow2")]
    [InlineData("../base.qcow2", "/restored/vm/../base.qcow2")]
    [InlineData("/etc/shadow", "/etc/shadow")]
    [InlineData("nbd://host/x", null)]
    [InlineData("json:{\"driver\":\"file\"}", null)]
    [InlineData("a\nb", null)]
    [InlineData("", null)]
    public void The_name_of_another_image_is_a_plain_files_or_none(string name, string? resolved) => VmRunner.Resolved(name, "/restored/vm/disk.qcow2").Should().Be(resolved);

    [Theory]
    [InlineData(0, """{"virtual-size": 1048576}""", "", null)]
    [InlineData(0, """{"virtual-size": 0}""", "", Verdict.Failed)]
    [InlineData(1, "", "qemu-img: Could not open: Image is not in qcow2 format", Verdict.Failed)]
    [InlineData(1, "", "qemu-img: Unknown driver 'vhdx'", Verdict.Inconclusive)]
    [InlineData(1, "", "contains a log that needs to be replayed", Verdict.Inconclusive)]
    [InlineData(0, "{", "", Verdict.Inconclusive)]
    [InlineData(137, "", "", Verdict.Inconclusive)]
    public void What_qemu_img_says_of_an_image_is_judged(int code, string output, string error, Verdict? verdict) => (DiskImageJudge.Judge(End(code, output, error), "qcow2", out _)?.Verdict).Should().Be(verdict);

    [Fact]
    public void Every_file_that_an_image_names_is_seen()
    {
        DiskImageJudge.Judge(End(0, """{"virtual-size":1,"backing-filename":"b","full-backing-filename":"/x/b","backing-filename-format":"raw","format-specific":{"type":"vmdk","data":{"data-file":"d","extents":[{"filename":"e"}]}}}"""), "vmdk", out var info).Should().BeNull();
        (info.Backing, info.BackingFormat).Should().Be(("/x/b", "raw"));
        info.Parts.Should().Equal((string[])["d", "e"], "each of them could be any file of the machine");
    }

    [Theory]
    [InlineData(0, """{"image-end-offset": 327680, "check-errors": 0}""", null)]
    [InlineData(3, """{"leaks": 4, "check-errors": 0}""", null)]
    [InlineData(63, "", null)]
    [InlineData(2, """{"corruptions": 2, "check-errors": 0}""", Verdict.Failed)]
    [InlineData(0, """{"corruptions": 2, "check-errors": 0}""", Verdict.Failed)]
    [InlineData(0, """{"image-end-offset": 393216, "check-errors": 0}""", Verdict.Failed)]    // its data lie beyond the end of the file
    [InlineData(1, "", Verdict.Failed)]
    [InlineData(137, "", Verdict.Inconclusive)]
    public void What_qemu_img_checks_is_judged_by_its_numbers(int code, string output, Verdict? verdict) => (DiskImageJudge.JudgeCheck(End(code, output), 327680)?.Verdict).Should().Be(verdict);

    private static byte[] Disk(uint first = 0, uint sectors = 0, byte type = 0x83, ulong gptBackup = 0)
    {
        var disk = new byte[34 * 512];
        (disk[510], disk[511]) = (0x55, 0xAA);
        disk[446 + 4] = sectors == 0 ? (byte)0 : type;
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 8), first);
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(446 + 12), sectors);
        if (gptBackup == 0) return disk;
        "EFI PART"u8.CopyTo(disk.AsSpan(512));
        BinaryPrimitives.WriteUInt64LittleEndian(disk.AsSpan(512 + 32), gptBackup);
        return disk;
    }

    [Fact]
    public void A_disk_smaller_than_its_own_partitions_is_cut()
    {
        DiskImageJudge.JudgePartitions(Disk(2048, 2048), 4096 * 512).Should().BeNull();
        DiskImageJudge.JudgePartitions(Disk(2048, 2049), 4096 * 512)!.Verdict.Should().Be(Verdict.Failed);
        DiskImageJudge.JudgePartitions(Disk(1, uint.MaxValue, 0xEE, gptBackup: 4095), 4096 * 512).Should().BeNull("a protective partition covers all there could be");
        DiskImageJudge.JudgePartitions(Disk(1, uint.MaxValue, 0xEE, gptBackup: 4096), 4096 * 512)!.Verdict.Should().Be(Verdict.Failed);
        DiskImageJudge.JudgePartitions(Disk(), 512).Should().BeNull();
        DiskImageJudge.JudgePartitions([], 512).Should().BeNull();
        var fat = Disk(2048, uint.MaxValue);
        "FAT16"u8.CopyTo(fat.AsSpan(54));
        DiskImageJudge.JudgePartitions(fat, 4096 * 512).Should().BeNull("there the boot sector's code looks like a table");
    }

    [Theory]
    [InlineData("guest-reset", Verdict.Failed, "restarted")]
    [InlineData("guest-shutdown", Verdict.Failed, "switched itself off")]
    [InlineData("guest-panic", Verdict.Failed, "crashed")]
    [InlineData("host-signal", Verdict.Inconclusive, "QEMU ended by itself")]
    [InlineData("", Verdict.Inconclusive, "QEMU ended by itself")]
    public void Why_a_machine_ended_is_taken_from_QEMUs_events(string reason, Verdict verdict, string text)
    {
        const string Events = "{\"return\": {}}\n{\"timestamp\": {\"seconds\": 1}, \"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"REASON\"}}";
        var answer = VmJudge.Ended(0, Encoding.UTF8.GetBytes(Events.Replace("REASON", reason, StringComparison.Ordinal)));
        answer.Verdict.Should().Be(verdict);
        answer.Detail.English.Should().Contain(text);
    }

    [Theory]
    [InlineData("running", null)]
    [InlineData("guest-panicked", Verdict.Failed)]
    [InlineData("paused", Verdict.Failed)]
    [InlineData("io-error", Verdict.Failed)]
    public void Whether_a_machine_still_runs_is_asked(string status, Verdict? verdict) =>
        (VmJudge.Status(Encoding.UTF8.GetBytes($$"""{"return": {"status": "{{status}}", "running": true}, "id": "q1"}"""), "q1")?.Verdict).Should().Be(verdict);

    [Fact]
    public void A_QEMU_that_does_not_answer_leaves_it_open() => VmJudge.Status("{}"u8, "q1")!.Verdict.Should().Be(Verdict.Inconclusive);

    [Fact]
    public void A_machine_gets_no_network_no_new_rights_and_no_help_of_the_processor_unless_asked()
    {
        var engine = new VmEngine([Parsed.Glob("*.qcow2")], null, "up", TimeSpan.FromSeconds(1), 1L << 30, 2, "ide", Kvm: false, TimeSpan.FromMinutes(1));
        var run = string.Join(' ', VmCommand.Arguments(engine, "/scratch/vm", 2));
        run.Should().Contain("-nic none").And.Contain("-nodefaults").And.Contain("-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny").And.Contain("-no-reboot").And.Contain("-accel tcg").And.Contain("-m 1024M").And.Contain("-smp 2")
            .And.Contain("overlay0.qcow2").And.Contain("overlay1.qcow2").And.NotContain("kvm").And.NotContain("netdev").And.NotContain("usb");
        engine.Shown.Should().BeEmpty();
        (engine with { Kvm = true }).Shown.Should().Equal((string[])["/dev/kvm"], "nothing else of the machine is needed");
        string.Join(' ', VmCommand.Arguments(engine with { Kvm = true, Expect = null }, "/scratch/vm", 1)).Should().Contain("-accel kvm").And.Contain("org.qemu.guest_agent.0");
    }
}
