using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Machines;

namespace BackupGuard.Agent.Config.Steps;

/// <summary>Reads the steps that boot restored machines: vm.</summary>
internal static class MachineSteps
{
    public static readonly string[] VmKeys = ["kind", "disks", "format", "expect", "guestAgent", "stays", "memory", "processors", "bus", "accelerator", "timeout"];

    public static VmEngine? Vm(Section s)
    {
        var before = s.Problems.Count;
        var disks = Disks(s);
        var format = s.Optional("format");
        if (format is not null && !VmEngine.Formats.Contains(format)) s.RefuseKey("format", $"write one of {string.Join(", ", VmEngine.Formats)}, or remove the line: the file's name then tells (.qcow2, .raw, .img, .vmdk, .vhdx, .vhd)");
        var expect = s.Optional("expect");
        var agent = StepValues.Flag(s, "guestAgent", false);
        if (agent == expect is not null) s.RefuseWhole("write either expect (a text that the machine writes on its serial line when it is up) or guestAgent: true (it runs the QEMU guest agent): without a sign of life nobody knows that it is up");
        var stays = ProbeReader.Duration(s, "stays", s.Optional("stays")) ?? TimeSpan.FromSeconds(10);
        if (stays < TimeSpan.FromSeconds(1) || stays > TimeSpan.FromHours(1)) s.RefuseKey("stays", "write how long it must stay up, from PT1S to PT1H");
        var memory = ProbeReader.Bytes(s, "memory") ?? 1L << 30;
        if (memory < 16L << 20 || memory > 256L << 30) s.RefuseKey("memory", "write from 16MiB to 256GiB");
        var processors = s.Number("processors", 1, 64) ?? 1;
        var bus = OneOf(s, "bus", VmEngine.Buses, "ide");
        var kvm = StepValues.Word(s, "accelerator", s.Optional("accelerator"), ("tcg", false), ("kvm", true)) ?? false;
        if (bus == "ide" && disks.Count > 4) s.RefuseKey("disks", "an ide bus has four places; write bus: sata or virtio");
        if (bus == "sata" && disks.Count > 6) s.RefuseKey("disks", "a sata bus has six places; write bus: virtio");
        var timeout = StepValues.Timeout(s, TimeSpan.FromMinutes(10));
        return timeout is null || s.Problems.Count != before ? null : new VmEngine(disks, format, expect, stays, memory, (int)processors, bus, kvm, timeout.Value);
    }

    private static List<Glob> Disks(Section s)
    {
        var disks = new List<Glob>();
        if (s.Find("disks") is not YamlList { Items.Count: > 0 and <= 16 } list || list.Items.Any(i => i is not YamlText { Value.Length: > 0 }))
        {
            s.RefuseKey("disks", "write a list of at most 16 images, the one that starts first, as in [vm/srv-dpi.qcow2]");
            return disks;
        }
        foreach (var text in list.Items.Select(i => ((YamlText)i).Value))
            if (Glob.TryParse(text, out var glob, out var refusal)) disks.Add(glob);
            else s.RefuseKey("disks", refusal);
        return disks;
    }

    private static string OneOf(Section s, string key, IReadOnlyList<string> words, string otherwise)
    {
        if (s.Find(key) is null) return otherwise;
        if (s.Optional(key) is { } text && words.Contains(text)) return text;
        s.RefuseKey(key, $"write one of {string.Join(", ", words)}");
        return otherwise;
    }
}
