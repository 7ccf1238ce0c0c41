using System.Globalization;
using System.Text.Json;

namespace BackupGuard.Verification.Drills.Engines.Machines;

/// <summary>Disk images booted as a virtual machine in QEMU, without any network, on copy-on-write overlays.</summary>
/// <param name="Disks">The newest file that matches each; the machine starts from the first.</param>
/// <param name="Format">qcow2, raw, vmdk, vhdx or vpc; null for what each file's name ends in. Never guessed from the content: an image would then choose how it is read.</param>
/// <param name="Expect">Text that the machine writes on its first serial line when it is up; null where the guest agent is asked.</param>
/// <param name="Stays">How long it must go on running after its sign of life.</param>
/// <param name="Bus">ide, sata or virtio.</param>
/// <param name="Kvm">With the processor's help instead of in software: fast, and the machine's kernel then carries code from the backup.</param>
/// <param name="Timeout">From power-on to the sign of life.</param>
public sealed record VmEngine(IReadOnlyList<Glob> Disks, string? Format, string? Expect, TimeSpan Stays, long MemoryBytes, int Processors, string Bus, bool Kvm, TimeSpan Timeout) : Engine
{
    public static readonly IReadOnlyList<string> Formats = ["qcow2", "raw", "vmdk", "vhdx", "vpc"];
    public static readonly IReadOnlyList<string> Buses = ["ide", "sata", "virtio"];

    public override string Kind => "vm";
    public override string Name => "vm " + Disks[0];
    public override IReadOnlyList<string> Shown => Kvm ? ["/dev/kvm"] : [];

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        DrillPlan.WriteAll(json, "disks", Disks.Select(d => d.ToString()));
        if (Format is not null) json.WriteString("format", Format);
        if (Expect is not null) json.WriteString("expect", Expect);
        json.WriteNumber("staysSeconds", (long)Stays.TotalSeconds);
        json.WriteNumber("memoryBytes", MemoryBytes);
        json.WriteNumber("processors", Processors);
        json.WriteString("bus", Bus);
        if (Kvm) json.WriteBoolean("kvm", Kvm);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}

/// <param name="Path">Full path in the room.</param>
internal sealed record DiskImage(string Path, string Format, long VirtualBytes);

/// <summary>How QEMU is called.</summary>
internal static class VmCommand
{
    /// <summary>QEMU's own chardevs are pipes with a reader each, so that a machine that writes without end fills neither disk nor memory.</summary>
    /// <remarks>$1: folder; the rest: QEMU and its arguments. dd writes every byte as it comes and stops at the limit (larger blocks would be counted when they are not full: the log would end early); cat then drains.</remarks>
    public const string Script = """
        cd "$1" || exit 1; shift
        for name in serial monitor bios agent; do
          { dd of=$name.log bs=1 count=4194304 2>/dev/null; cat >/dev/null; } <$name.out &
        done
        exec "$@"
        """;

    public const int LargestLog = 4194304;

    /// <summary>Before the start: what is sent to a pipe that is not there yet would become a file in its place.</summary>
    public const string Pipes = """mkdir "$1" && cd "$1" && mkfifo serial.in serial.out monitor.in monitor.out bios.in bios.out agent.in agent.out""";

    /// <param name="folder">Of this machine, in the room.</param>
    public static List<string> Arguments(VmEngine engine, string folder, int disks)
    {
        List<string> run =
        [
            "qemu-system-x86_64", "-name", "drill", "-nodefaults", "-no-user-config", "-machine", engine.Bus == "ide" ? "pc" : "q35", "-accel", engine.Kvm ? "kvm" : "tcg,tb-size=256", "-cpu", engine.Kvm ? "host" : "max",
            "-smp", engine.Processors.ToString(CultureInfo.InvariantCulture), "-m", string.Create(CultureInfo.InvariantCulture, $"{engine.MemoryBytes >> 20}M"),
            // No network card, no sound, no USB; no new programs, no new rights; a machine that starts anew ends instead. It waits to be switched on.
            "-nic", "none", "-display", "none", "-vga", "std", "-no-reboot", "-S", "-boot", "strict=on",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        ];
        foreach (var name in (string[])["serial", "monitor", "bios", "agent"]) run.AddRange(["-chardev", $"pipe,id={name},path={folder}/{name}"]);
        run.AddRange(["-serial", "chardev:serial", "-mon", "chardev=monitor,mode=control", "-device", "isa-debugcon,iobase=0x402,chardev=bios", "-device", "pvpanic"]);
        if (engine.Expect is null) run.AddRange(["-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"]);
        for (var i = 0; i < disks; i++)
            run.AddRange([
                "-drive", string.Create(CultureInfo.InvariantCulture, $"if=none,id=disk{i},file={folder}/overlay{i}.qcow2,format=qcow2,cache=unsafe"),
                "-device", string.Create(CultureInfo.InvariantCulture, $"{(engine.Bus == "virtio" ? "virtio-blk-pci" : "ide-hd")},drive=disk{i}{(i == 0 ? ",bootindex=1" : "")}"),
            ]);
        return run;
    }
}
