using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Drills.Engines.Machines;

/// <summary>Looks at disk images with qemu-img, boots them with QEMU in the room, waits for a sign of life and takes a picture of the screen. See README.md beside this file.</summary>
/// <remarks>The machine is switched off at the end of its step: without a network nobody can talk to it.</remarks>
public sealed class VmRunner(TimeProvider clock) : IProbeRunner
{
    private const int DeepestChain = 16;
    private const int LargestPicture = 16 << 20;
    private static readonly TimeSpan ToolTime = TimeSpan.FromHours(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(20);

    public bool CanRun(Probe probe) => probe is VmEngine;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (VmEngine)probe;
        var room = await scene.Room(cancellationToken);
        var disks = new List<DiskImage>();
        foreach (var glob in engine.Disks)
        {
            var (disk, early) = await LookAsync(engine, glob, scene, room, cancellationToken);
            if (disk is null) return early!;
            disks.Add(disk);
        }
        var machine = new Machine(engine, room, clock);
        try
        {
            return await machine.StartAsync(disks, cancellationToken) is { } unstarted ? unstarted : await machine.WatchAsync(disks, cancellationToken);
        }
        finally
        {
            await machine.EndAsync();
        }
    }

    /// <summary>The first MiB of the disk, as the machine sees it, is zeroed; an image that cannot be written loses its second half.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (VmEngine)probe;
        var room = await scene.Room(cancellationToken);
        var (disk, _) = await LookAsync(engine, engine.Disks[0], scene, room, cancellationToken);
        if (disk is null || scene.Damage is not { } damage || Answer.NewestMatch(scene, engine.Disks[0], cancellationToken) is not { } file) return null;
        var zeroed = await RunAsync(room, ["qemu-io", "-f", disk.Format, "-c", string.Create(CultureInfo.InvariantCulture, $"write -P 0 0 {Math.Min(disk.VirtualBytes, 1 << 20)}"), disk.Path], cancellationToken);
        if (zeroed.Succeeded) return new("the disk's first MiB zeroed", "le premier Mio du disque mis à zéro");
        using var stream = damage.OpenWrite(Answer.PathOf(file));
        stream.SetLength(stream.Length / 2);
        return new("the image cut in half", "l’image coupée en deux");
    }

    private static async Task<(DiskImage? Disk, ProbeAnswer? Early)> LookAsync(VmEngine engine, Glob glob, ProbeScene scene, IDrillRoom room, CancellationToken cancellationToken)
    {
        if (Answer.NewestMatch(scene, glob, cancellationToken) is not { } file) return (null, Answer.Wrong($"no file matches {glob}", $"aucun fichier ne correspond à {glob}"));
        var path = room.Restored + "/" + file.Path;
        if ((engine.Format ?? FormatOf(file.Path)) is not { } format)
            return (null, Answer.Unknown("the file's name does not tell its format; write format in the drill", "le nom du fichier ne dit pas son format ; indiquez format dans l’exercice"));

        // The whole chain first: info opens one image alone, check all those below it too.
        DiskImageJudge.Info? first = null;
        var chain = new List<(string Path, string Format, long Bytes)> { (path, format, file.LengthBytes) };
        for (var at = 0; at < chain.Count; at++)
        {
            if (at == DeepestChain) return (null, Answer.Unknown($"the image rests on more than {DeepestChain} others", $"l’image repose sur plus de {DeepestChain} autres"));
            var (current, currentFormat, _) = chain[at];
            if (!await IsRestoredAsync(room, current, cancellationToken)) return (null, Outside);
            if (DiskImageJudge.Judge(await RunAsync(room, ["qemu-img", "info", "--output=json", "-f", currentFormat, current], cancellationToken), currentFormat, out var info) is { } unreadable) return (null, unreadable);
            first ??= info;
            foreach (var part in info.Parts)
                if (Resolved(part, current) is not { } full || !await IsRestoredAsync(room, full, cancellationToken)) return (null, Outside);
            if (info.Backing is not { } backing) break;
            if (Resolved(backing, current) is not { } below || !await IsRestoredAsync(room, below, cancellationToken)) return (null, Outside);
            if (info.BackingFormat is not { } backingFormat || !VmEngine.Formats.Contains(backingFormat))
                return (null, Answer.Unknown("the image does not say the format of the one that it rests on", "l’image ne dit pas le format de celle sur laquelle elle repose"));
            chain.Add((below, backingFormat, long.MaxValue));
        }
        foreach (var (image, imageFormat, bytes) in chain)
            if (DiskImageJudge.JudgeCheck(await RunAsync(room, ["qemu-img", "check", "--output=json", "-f", imageFormat, image], cancellationToken), bytes) is { } damaged) return (null, damaged);
        var head = await HeadAsync(room, path, format, cancellationToken);
        return DiskImageJudge.JudgePartitions(head, first!.VirtualBytes) is { } cut ? (null, cut) : (new DiskImage(path, format, first!.VirtualBytes), null);
    }

    /// <summary>Refused before it is opened for the machine: an image could name any file that QEMU may read.</summary>
    private static ProbeAnswer Outside => Answer.Wrong("the image needs a file that is not in the backup", "l’image a besoin d’un fichier absent de la sauvegarde");

    private static string? FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".qcow2" => "qcow2",
        ".raw" or ".img" => "raw",
        ".vmdk" => "vmdk",
        ".vhdx" => "vhdx",
        ".vhd" => "vpc",
        _ => null,
    };

    /// <returns>Null where the name is no plain file's ("json:{…}", "nbd://…").</returns>
    internal static string? Resolved(string name, string from)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (name.Length is 0 or > 4096 || name.Any(char.IsControl) || (colon >= 0 && (slash < 0 || colon < slash))) return null;
        return name[0] == '/' ? name : from[..(from.LastIndexOf('/') + 1)] + name;
    }

    /// <summary>Where it really is, after every link and "..".</summary>
    private static async Task<bool> IsRestoredAsync(IDrillRoom room, string path, CancellationToken cancellationToken)
    {
        var end = await room.RunAsync(new RoomCommand(["realpath", "-e", "-z", "--", path]) { Timeout = TimeSpan.FromMinutes(1), WorkingFolder = room.Scratch }, cancellationToken);
        return end.Succeeded && end.OutputText.StartsWith(room.Restored + "/", StringComparison.Ordinal);
    }

    private static async Task<byte[]> HeadAsync(IDrillRoom room, string path, string format, CancellationToken cancellationToken)
    {
        const string Name = "vm-head";
        var read = await RunAsync(room, ["qemu-img", "dd", "-f", format, "-O", "raw", "bs=512", "count=34", "if=" + path, $"of={room.Scratch}/{Name}"], cancellationToken);
        return read.Succeeded && RestoredPath.TryParse(Name, out var head, out _) ? room.Read(head, 34 * 512) ?? [] : [];
    }

    private static Task<RoomEnd> RunAsync(IDrillRoom room, List<string> run, CancellationToken cancellationToken) =>
        room.RunAsync(new RoomCommand(run) { Timeout = ToolTime, WorkingFolder = room.Scratch }, cancellationToken);

    /// <summary>One run of one machine.</summary>
    private sealed class Machine(VmEngine engine, IDrillRoom room, TimeProvider clock)
    {
        private readonly string _name = "vm-" + Guid.CreateVersion7(clock.GetUtcNow()).ToString("N")[^8..];
        private readonly byte[]? _expected = engine.Expect is { } text ? Encoding.UTF8.GetBytes(text) : null;
        private IRoomProcess? _qemu;
        private int _asked;

        private string Folder => room.Scratch + "/" + _name;

        public async Task<ProbeAnswer?> StartAsync(List<DiskImage> disks, CancellationToken cancellationToken)
        {
            if (!(await RunAsync(room, ["/bin/sh", "-c", VmCommand.Pipes, "sh", Folder], cancellationToken)).Succeeded) throw new SandboxException("the folder of the machine could not be made");
            for (var i = 0; i < disks.Count; i++)
            {
                var made = await RunAsync(room, ["qemu-img", "create", "-q", "-f", "qcow2", "-b", disks[i].Path, "-F", disks[i].Format, string.Create(CultureInfo.InvariantCulture, $"{Folder}/overlay{i}.qcow2")], cancellationToken);
                if (!made.Succeeded) return Answer.Unknown($"no overlay could be made over the image (exit code {made.ExitCode})", $"aucune surcouche n’a pu être créée sur l’image (code de sortie {made.ExitCode})");
            }
            List<string> run = ["/bin/sh", "-c", VmCommand.Script, "sh", Folder, .. VmCommand.Arguments(engine, Folder, disks.Count)];
            _qemu = room.Start(new RoomCommand(run) { Timeout = engine.Timeout + engine.Stays + TimeSpan.FromHours(1), WorkingFolder = room.Scratch, MostOutputBytes = 4096 });
            // QEMU tells no event to whom it has not met, and a machine can be gone in a moment: it waits switched off until then.
            await SendAsync("monitor", """{"execute":"qmp_capabilities"}""", cancellationToken);
            var id = await AskAsync("cont", null, cancellationToken);
            if (Log("monitor").AsSpan().IndexOf(Mark(id)) >= 0) return null;
            return _qemu.Ended.IsCompleted ? VmJudge.Ended((await _qemu.Ended).ExitCode, Log("monitor")) : Answer.Unknown("QEMU does not answer", "QEMU ne répond pas");
        }

        public async Task<ProbeAnswer> WatchAsync(List<DiskImage> disks, CancellationToken cancellationToken)
        {
            var began = clock.GetTimestamp();
            for (var looks = 0; !IsAlive(); looks++)
            {
                if (Trouble() is { } trouble) return await WithPictureAsync(trouble, cancellationToken);
                if (_qemu!.Ended.IsCompleted) return VmJudge.Ended((await _qemu.Ended).ExitCode, Log("monitor"));
                if (clock.GetElapsedTime(began) > engine.Timeout) return await WithPictureAsync(VmJudge.TooLate(engine.Timeout, asksAgent: _expected is null), cancellationToken);
                if (_expected is null && looks % 5 == 0) await SendAsync("agent", """{"execute":"guest-ping"}""", cancellationToken);
                await Task.Delay(Pause, clock, cancellationToken);
            }
            var took = clock.GetElapsedTime(began);
            for (var alive = clock.GetTimestamp(); clock.GetElapsedTime(alive) < engine.Stays;)
            {
                await Task.Delay(Pause, clock, cancellationToken);
                if (Trouble() is { } trouble) return await WithPictureAsync(trouble, cancellationToken);
                if (_qemu!.Ended.IsCompleted) return VmJudge.Ended((await _qemu.Ended).ExitCode, Log("monitor"));
            }
            var id = await AskAsync("query-status", null, cancellationToken);
            if (VmJudge.Status(Log("monitor"), id) is { } notRunning) return _qemu!.Ended.IsCompleted ? VmJudge.Ended((await _qemu.Ended).ExitCode, Log("monitor")) : await WithPictureAsync(notRunning, cancellationToken);
            return await WithPictureAsync(new ProbeAnswer(Verdict.Proved, new(
                string.Create(CultureInfo.InvariantCulture, $"up after {took.TotalSeconds:0.0} s, and still running {engine.Stays.TotalSeconds:0} s later"),
                string.Create(CultureInfo.GetCultureInfo("fr-FR"), $"en marche après {took.TotalSeconds:0.0} s, et toujours {engine.Stays.TotalSeconds:0} s plus tard")))
            {
                Measures = new Dictionary<string, double> { ["bootSeconds"] = Math.Round(took.TotalSeconds, 1), ["diskBytes"] = disks.Sum(d => d.VirtualBytes) },
            }, cancellationToken);
        }

        /// <summary>Switched off; what it wrote is thrown away.</summary>
        public async ValueTask EndAsync()
        {
            if (_qemu is not null) await _qemu.KillAsync();
            await RunAsync(room, ["rm", "-rf", Folder], CancellationToken.None);
        }

        private bool IsAlive() => _expected is null ? Log("agent").AsSpan().IndexOf("\"return\""u8) >= 0 : Log("serial").AsSpan().IndexOf(_expected) >= 0;

        private ProbeAnswer? Trouble() => VmJudge.Trouble(Log("serial"), Log("bios"), Log("monitor"));

        private byte[] Log(string of) => RestoredPath.TryParse($"{_name}/{of}.log", out var path, out _) ? room.Read(path, VmCommand.LargestLog) ?? [] : [];

        /// <summary>A missing picture takes nothing from the answer.</summary>
        private async Task<ProbeAnswer> WithPictureAsync(ProbeAnswer answer, CancellationToken cancellationToken)
        {
            foreach (var (format, mediaType) in ((string, string)[])[("png", "image/png"), ("ppm", "image/x-portable-pixmap")])
            {
                var file = $"screen.{format}";
                await AskAsync("screendump", $$"""{"filename":"{{Folder}}/{{file}}","format":"{{format}}"}""", cancellationToken);
                if (RestoredPath.TryParse($"{_name}/{file}", out var path, out _) && room.Read(path, LargestPicture) is { Length: > 0 and < LargestPicture } picture)
                    return answer with { Artefacts = [new Artefact(file, mediaType, picture)] };
            }
            return answer;
        }

        /// <returns>The number of the question, by which its answer is found among QEMU's lines.</returns>
        private async Task<string> AskAsync(string command, string? arguments, CancellationToken cancellationToken)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"q{++_asked}");
            await SendAsync("monitor", $$"""{"execute":"{{command}}",{{(arguments is null ? "" : $"\"arguments\":{arguments},")}}"id":"{{id}}"}""", cancellationToken);
            for (var began = clock.GetTimestamp(); clock.GetElapsedTime(began) < AnswerTime && Log("monitor").AsSpan().IndexOf(Mark(id)) < 0 && !_qemu!.Ended.IsCompleted;)
                await Task.Delay(Pause, clock, cancellationToken);
            return id;
        }

        private static byte[] Mark(string id) => Encoding.UTF8.GetBytes($"\"id\": \"{id}\"");

        /// <summary>A pipe that nobody reads any more would hold the writer for ever.</summary>
        private Task<RoomEnd> SendAsync(string to, string line, CancellationToken cancellationToken) =>
            room.RunAsync(new RoomCommand(["/bin/sh", "-c", "printf '%s\\n' \"$2\" >\"$1\"", "sh", $"{Folder}/{to}.in", line]) { Timeout = TimeSpan.FromSeconds(10), WorkingFolder = room.Scratch }, cancellationToken);
    }
}
