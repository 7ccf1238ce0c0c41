using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Machines;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills.Engines;

/// <summary>Disks that boot, and disks that do not, in QEMU in the room. Under software emulation: no machine's processor is asked for help.</summary>
[Trait("Needs", "room")]
[Trait("Needs", "qemu")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class VmDrills : IDisposable
{
    private readonly TestFolder _disk = new();

    public VmDrills() => Directory.CreateDirectory(_disk["backup/vm"]);

    public void Dispose() => _disk.Dispose();

    private static VmEngine Engine(string disk = "vm/disk.*", string? expect = SmallMachine.Heartbeat, string? format = null, int seconds = 120, string bus = "ide", long memory = 64 << 20) =>
        new([Glob.TryParse(disk, out var glob, out _) ? glob : throw new ArgumentException(disk)], format, expect, TimeSpan.FromSeconds(2), memory, 1, bus, Kvm: false, TimeSpan.FromSeconds(seconds));

    private Task<DrillReport> RunAsync(VmEngine? engine = null, bool withControl = false) => new FolderDrill(_disk, _disk["backup"]).RunAsync(engine ?? Engine(), withControl);

    private void Write(byte[] raw, string format = "raw", string options = "")
    {
        File.WriteAllBytes(_disk["made.raw"], raw);
        var name = format == "vpc" ? "vhd" : format;
        TestFolder.Shell($"qemu-img convert -f raw -O {format} {options} made.raw backup/vm/disk.{name}", _disk.Path);
    }

    [Theory]
    [InlineData("qcow2", "")]
    [InlineData("raw", "")]
    [InlineData("vmdk", "")]
    [InlineData("vmdk", "-o subformat=streamOptimized")]
    [InlineData("vmdk", "-o subformat=monolithicFlat")]
    [InlineData("vhdx", "")]
    [InlineData("vpc", "")]
    public async Task A_disk_of_every_format_boots_is_photographed_and_its_alarm_rings(string format, string options)
    {
        Write(SmallMachine.BootSector(SmallMachine.Heartbeat, Then.Idle), format, options);
        var report = await RunAsync(withControl: true);
        var step = report.Engine();
        step.Detail.English.Should().MatchRegex(@"^up after \d+\.\d s, and still running 2 s later$");
        (report.Verdict, report.CleanedUp).Should().Be((Verdict.Proved, true));
        step.Measures.Should().ContainKeys("bootSeconds", "diskBytes");
        var picture = step.Artefacts.Single();
        (picture.Name, picture.MediaType).Should().Be(("screen.png", "image/png"));
        picture.Content.AsSpan(1, 3).SequenceEqual("PNG"u8).Should().BeTrue();
        report.Control!.Single().Should().Match<ControlStep>(c => c.Rang && !c.Detail.English.Contains("did not appear"), "the firmware says at once that there is nothing to start");
    }

    [Theory]
    [InlineData("sata")]
    [InlineData("virtio")]
    public async Task Other_buses_boot_too(string bus)
    {
        Write(SmallMachine.BootSector(SmallMachine.Heartbeat, Then.Idle), "qcow2");
        (await RunAsync(Engine(bus: bus))).Verdict.Should().Be(Verdict.Proved);
    }

    [Theory]
    [InlineData("another text", Then.Idle, "did not appear on the serial line within 8 s")]
    [InlineData("", Then.Restart, "restarted instead of staying up")]
    [InlineData(SmallMachine.Heartbeat, Then.RestartLater, "restarted instead of staying up")]
    [InlineData(SmallMachine.Heartbeat + "\r\nKernel panic - not syncing: fixture", Then.Idle, "kernel panic")]
    public async Task A_machine_that_hangs_restarts_for_ever_or_does_not_stay_up_fails(string text, Then then, string because)
    {
        Write(SmallMachine.BootSector(text, then), "qcow2");
        var report = await RunAsync(Engine(seconds: because.Contains("8 s", StringComparison.Ordinal) ? 8 : 120));
        report.Engine().Detail.English.Should().Contain(because);
        report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_machine_that_hangs_leaves_a_picture_of_where()
    {
        Write(SmallMachine.BootSector("another text", Then.Idle));
        (await RunAsync(Engine(seconds: 6))).Engine().Artefacts.Should().ContainSingle();
    }

    [Fact]
    public async Task A_disk_without_anything_to_start_fails_at_once()
    {
        Write(new byte[1 << 20]);
        var step = (await RunAsync(Engine(seconds: 300))).Engine();
        (step.Verdict, step.Detail.English).Should().Be((Verdict.Failed, "nothing on the disk can be started"));
        step.Duration.Should().BeLessThan(TimeSpan.FromSeconds(300));
    }

    [Theory]
    [InlineData("its partition table speaks of more", "its partition table speaks of 102048 sectors")]
    [InlineData("image cut", "cut|corruptions|check")]
    [InlineData("header broken", "cannot open the image as qcow2")]
    [InlineData("empty", "cannot open the image as qcow2")]
    [InlineData("table broken", "corruptions|check")]
    public async Task An_image_that_is_not_whole_fails_before_it_is_booted(string damage, string because)
    {
        var disk = SmallMachine.BootSector(SmallMachine.Heartbeat, Then.Idle);
        new Random(1).NextBytes(disk.AsSpan(600));
        Write(damage.StartsWith("its", StringComparison.Ordinal) ? SmallMachine.WithPartition(disk, 2048, 100_000) : disk, "qcow2");
        var file = _disk["backup/vm/disk.qcow2"];
        var bytes = await File.ReadAllBytesAsync(file);
        if (damage == "table broken") bytes.AsSpan(3 * 65536, 64).Fill(0xFF);
        if (damage == "header broken") bytes.AsSpan(0, 4).Clear();
        await File.WriteAllBytesAsync(file, damage switch { "image cut" => bytes[..(bytes.Length / 2)], "empty" => [], _ => bytes });
        var report = await RunAsync();
        report.Engine().Detail.English.Should().MatchRegex(because);
        report.Verdict.Should().Be(Verdict.Failed);
    }

    [Theory]
    [InlineData("/etc/hostname", "raw")]
    [InlineData("../../../../etc/hostname", "raw")]
    [InlineData("/usr/bin/true", "raw")]
    [InlineData("nbd://127.0.0.1:10809/x", "raw")]
    [InlineData("missing.qcow2", "qcow2")]
    public async Task An_image_that_rests_on_a_file_outside_of_the_backup_is_refused(string backing, string format)
    {
        TestFolder.Shell($"qemu-img create -q -u -f qcow2 -b '{backing}' -F {format} backup/vm/disk.qcow2 1M", _disk.Path);
        var report = await RunAsync();
        report.Engine().Detail.English.Should().Be("the image needs a file that is not in the backup");
        report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_chain_of_images_that_is_whole_boots()
    {
        await File.WriteAllBytesAsync(_disk["backup/vm/base.raw"], SmallMachine.BootSector(SmallMachine.Heartbeat, Then.Idle));
        TestFolder.Shell("cd backup/vm; qemu-img create -q -f qcow2 -b base.raw -F raw disk.qcow2", _disk.Path);
        (await RunAsync()).Verdict.Should().Be(Verdict.Proved);
    }

    [Fact]
    public async Task More_memory_than_there_is_leaves_the_question_open()
    {
        Write(SmallMachine.BootSector(SmallMachine.Heartbeat, Then.Idle));
        (await RunAsync(Engine(memory: 200L << 40))).Engine().Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.Contains("QEMU ended by itself"));
    }

    [Theory]
    [Trait("Needs", "boot-kernel")]
    [InlineData(SmallMachine.Heartbeat + " Linux")]
    [InlineData(null)]
    public async Task A_real_Linux_boots_and_answers_on_the_serial_line_or_as_a_guest_agent(string? expect)
    {
        var kernel = Environment.GetEnvironmentVariable("BACKUPGUARD_TEST_KERNEL");
        kernel.Should().NotBeNull("tests/run.sh names the folder of an unpacked kernel package there");
        SmallMachine.Linux(kernel!, _disk.Path);
        TestFolder.Shell("qemu-img convert -f raw -O qcow2 linux.img backup/vm/disk.qcow2", _disk.Path);
        var report = await RunAsync(Engine(expect: expect, seconds: 300, memory: 512 << 20));
        report.Engine().Detail.English.Should().StartWith("up after ");
        report.Verdict.Should().Be(Verdict.Proved);
    }
}
