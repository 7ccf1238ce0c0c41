namespace BackupGuard.Verification.Checks.Anomaly;

internal enum WindowClass : byte { Missing, Structured, Random, Constant }

/// <summary>What a look at some windows of one version of a file found. Holds no content.</summary>
/// <param name="Fit">Whether it is what its extension promises; null where that promises nothing.</param>
/// <param name="HeadIsRandom">Whether the first 16 KiB look like a cipher's output; false below one window of 4 KiB.</param>
/// <param name="Windows">By the plan's offsets.</param>
internal sealed record ContentLook(FileKind Kind, bool? Fit, bool HeadIsRandom, WindowClass[] Windows)
{
    private const int HeadBytes = 64 << 10;
    private const int TailBytes = 64 << 10;
    private const int HeadWindows = HeadBytes / ChiSquare.Window;

    /// <summary>Groups of four windows in long files: each group is one piece to load.</summary>
    private const int Groups = 60;
    private const int WindowsOfGroup = 4;

    /// <summary>Offsets of at most 256 windows: all of a file up to 1 MiB, of a longer one the first 64 KiB and sixty places in between.</summary>
    public static long[] Plan(long length)
    {
        var whole = length / ChiSquare.Window;
        if (whole <= HeadWindows + Groups * WindowsOfGroup) return [.. Enumerable.Range(0, (int)whole).Select(i => (long)i * ChiSquare.Window)];
        var offsets = new List<long>(HeadWindows + Groups * WindowsOfGroup);
        for (var i = 0; i < HeadWindows; i++) offsets.Add(i * ChiSquare.Window);
        var slot = (whole - HeadWindows) / Groups;
        for (var g = 0; g < Groups; g++)
        {
            // Not in step: stripes of a fixed period would be met always or never.
            var shift = slot > WindowsOfGroup ? unchecked((uint)g * 2654435761) % (slot - WindowsOfGroup + 1) : 0;
            var first = HeadWindows + g * slot + shift;
            for (var i = 0; i < WindowsOfGroup; i++) offsets.Add((first + i) * ChiSquare.Window);
        }
        return [.. offsets];
    }

    /// <summary>Bytes that <see cref="TakeAsync"/> reads.</summary>
    public static long Cost(long length) => Math.Min(length, HeadBytes) + Math.Min(length, TailBytes) + Math.Min(length, 256L * ChiSquare.Window);

    public static async Task<ContentLook> TakeAsync(IFileContent file, long[] plan, FileExtension extension, bool isDump, CancellationToken cancellationToken)
    {
        var head = new byte[Math.Min(file.Length, HeadBytes)];
        head = head[..await file.ReadAsync(0, head, cancellationToken)];
        var windows = new WindowClass[plan.Length];
        byte[] window = new byte[ChiSquare.Window], last = head[^Math.Min(head.Length, ChiSquare.Window)..];
        long end = head.Length;
        for (var i = 0; i < plan.Length; i++)
        {
            // The head is in memory already, and offsets never go back.
            if (plan[i] + window.Length <= head.Length) windows[i] = Classify(head.AsSpan((int)plan[i], window.Length));
            else if (plan[i] >= end && await file.ReadAsync(plan[i], window, cancellationToken) == window.Length)
            {
                windows[i] = Classify(window);
                (last, window) = (window, last.Length == ChiSquare.Window ? last : new byte[ChiSquare.Window]);
                end = plan[i] + ChiSquare.Window;
            }
        }
        return Judge(head, await TailAsync(file, end, last, cancellationToken), file.Length, windows, extension, isDump);
    }

    /// <summary>The end of the file, from where the last window ended if that is close, and then with that window.</summary>
    private static async Task<byte[]> TailAsync(IFileContent file, long end, byte[] last, CancellationToken cancellationToken)
    {
        var start = Math.Max(end, file.Length - TailBytes);
        var rest = new byte[Math.Max(0, file.Length - start)];
        var count = rest.Length == 0 ? 0 : await file.ReadAsync(start, rest, cancellationToken);
        return start == end ? [.. last, .. rest[..count]] : rest[..count];
    }

    private static ContentLook Judge(byte[] head, byte[] tail, long length, WindowClass[] windows, FileExtension extension, bool isDump)
    {
        var kind = FileKinds.Of(head);
        var headIsRandom = HeadLooksRandom(head);
        if (FileKinds.ExpectedOf(extension) is not { } expected) return new ContentLook(kind, null, headIsRandom, windows);
        bool fit;
        if (length == 0) fit = true;
        else if (expected.Text is { } form) fit = TextLook.HasForm(head, form);
        else fit = expected.Kinds.Contains(kind) && !StructureLook.IsBroken(kind, head, tail, length);
        // Dumps are text inside: "x.sql.gz" is judged by what comes out of it.
        if (fit && isDump && kind is FileKind.Gzip or FileKind.Zstd && StructureLook.Unpack(kind, head, head.Length == length) is { } plain) fit = TextLook.IsText(plain);
        return new ContentLook(kind, fit, headIsRandom, windows);
    }

    private static bool HeadLooksRandom(ReadOnlySpan<byte> head)
    {
        var whole = Math.Min(4, head.Length / ChiSquare.Window);
        if (whole == 0 || !ChiSquare.LooksRandom(head[..ChiSquare.Window])) return false;
        var random = 0;
        for (var i = 0; i < whole; i++) if (ChiSquare.LooksRandom(head.Slice(i * ChiSquare.Window, ChiSquare.Window))) random++;
        return random * 4 >= whole * 3;
    }

    private static WindowClass Classify(ReadOnlySpan<byte> window)
    {
        if (window.IndexOfAnyExcept(window[0]) < 0) return WindowClass.Constant;
        return ChiSquare.LooksRandom(window) ? WindowClass.Random : WindowClass.Structured;
    }
}
