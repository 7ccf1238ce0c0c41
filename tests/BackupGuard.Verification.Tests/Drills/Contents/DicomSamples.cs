using System.Diagnostics;

namespace BackupGuard.Verification.Tests.Drills.Contents;

/// <summary>DICOM files made by dcmtk from a synthetic examination, in every way of writing them that it knows.</summary>
internal sealed class DicomSamples : IDisposable
{
    private const string Dump = """
        (0008,0016) UI =CTImageStorage
        (0008,0018) UI [1.2.826.0.1.3680043.9.1.1]
        (0008,0060) CS [CT]
        (0008,1140) SQ (Sequence with undefined length #=1)
          (fffe,e000) na (Item with undefined length #=2)
            (0008,1150) UI =CTImageStorage
            (0008,1155) UI [1.2.826.0.1.3680043.9.1.2]
          (fffe,e00d) na (ItemDelimitationItem)
        (fffe,e0dd) na (SequenceDelimitationItem)
        (0010,0010) PN [Example^Synthetic]
        (0010,0020) LO [0001]
        (0020,000d) UI [1.2.826.0.1.3680043.9.2.1]
        (0020,000e) UI [1.2.826.0.1.3680043.9.3.1]
        (0028,0002) US 1
        (0028,0004) CS [MONOCHROME2]
        (0028,0010) US 4
        (0028,0011) US 4
        (0028,0100) US 16
        (0028,0101) US 16
        (0028,0102) US 15
        (0028,0103) US 0
        (7fe0,0010) OW 0001\0002\0003\0004\0005\0006\0007\0008\0009\000a\000b\000c\000d\000e\000f\0010

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("dicom-").FullName;

    public DicomSamples()
    {
        File.WriteAllText(Path.Combine(_folder, "ct.dump"), Dump);
        Run("dump2dcm", "+te", "ct.dump", "explicit");
        Run("dump2dcm", "+te", "-e", "ct.dump", "explicit-undefined");
        Run("dump2dcm", "+ti", "ct.dump", "implicit");
        Run("dump2dcm", "+ti", "-e", "ct.dump", "implicit-undefined");
        Run("dump2dcm", "+tb", "ct.dump", "big-endian");
        Run("dump2dcm", "+td", "ct.dump", "deflated");
        Run("dcmcrle", "explicit", "rle");
        // A 2 × 2 bitmap of 24 bits: 54 bytes of header, two rows of 8.
        File.WriteAllBytes(Path.Combine(_folder, "photo.bmp"), [(byte)'B', (byte)'M', 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 16, 0, 0, 0, .. new byte[16], .. Enumerable.Range(0, 16).Select(i => (byte)(i * 9))]);
        Run("img2dcm", "-i", "BMP", "-k", "0008,0060=OT", "-k", "0020,000d=1.2.826.0.1.3680043.9.2.2", "-k", "0008,0018=1.2.826.0.1.3680043.9.1.9", "photo.bmp", "photo");
        Run("dcmcjpeg", "photo", "jpeg");
        foreach (var file in Directory.EnumerateFiles(_folder).Where(f => !f.Contains('.', StringComparison.Ordinal))) Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
    }

    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>A folder with DICOMDIR and the one file that it lists.</summary>
    public (byte[] Directory, byte[] Image) WithDirectory()
    {
        Run("dcmconv", "explicit", "IMG1");
        Run("dump2dcm", "--version");
        Run("dcmmkdir", "--general-purpose", "--no-consistency-check", "--invent", "+id", _folder, "IMG1");
        return (File.ReadAllBytes(Path.Combine(_folder, "DICOMDIR")), File.ReadAllBytes(Path.Combine(_folder, "IMG1")));
    }

    /// <summary>Which of these files dcmtk reads to their end.</summary>
    public HashSet<string> WholeTo(IReadOnlyDictionary<string, byte[]> files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "asked-" + Guid.NewGuid().ToString("N"))).FullName;
        foreach (var (name, content) in files) File.WriteAllBytes(Path.Combine(folder, name), content);
        // Only the syntax is printed: what is asked is whether it complains.
        using var process = Process.Start(new ProcessStartInfo("dcmdump", ["+fo", "+P", "0002,0010", .. files.Keys]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var refused = process.StandardError.ReadToEnd().Split('\n').Where(l => l.Contains(": reading file: ", StringComparison.Ordinal)).Select(l => l[(l.LastIndexOf(' ') + 1)..]);
        process.WaitForExit();
        return [.. files.Keys.Except(refused)];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Run(params string[] run)
    {
        using var process = Process.Start(new ProcessStartInfo(run[0], run.Skip(1)) { WorkingDirectory = _folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', run)}: {errors}");
    }
}
