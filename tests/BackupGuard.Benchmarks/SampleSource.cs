namespace BackupGuard.Benchmarks;

/// <summary>A source folder that is the same for the same size: half of it text-like, half of it random; three quarters in a few large files, the rest in many small ones.</summary>
internal sealed class SampleSource(string folder, long sizeBytes)
{
    private const int LargeFiles = 12;
    private const int SmallFilesPerFolder = 200;
    private static readonly byte[][] Vocabulary = [.. Words().Select(w => System.Text.Encoding.ASCII.GetBytes(w))];
    private readonly byte[] buffer = new byte[1 << 20];
    private readonly SplitMix random = new(20261121);

    public string Folder => folder;
    public int Files { get; private set; }
    public long Bytes { get; private set; }
    public long LargeBytes { get; private set; }

    public void Write()
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < LargeFiles; i++) WriteFile($"large-{i:00}", sizeBytes * 3 / 4 / LargeFiles, isText: i % 2 == 0);
        LargeBytes = Bytes;
        for (var i = 0; Bytes < sizeBytes; i++)
        {
            // 0 to 48 KiB: the size of letters, results and scanned forms.
            var length = Math.Min((long)(random.Next() % (48 << 10)), sizeBytes - Bytes);
            WriteFile(Path.Combine($"small-{i / SmallFilesPerFolder:000}", $"{i:000000}"), length, isText: i % 2 == 0);
        }
    }

    private void WriteFile(string name, long length, bool isText)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);    // the path has a folder: it was combined with one
        using var file = File.Create(path, bufferSize: 0);
        for (var left = length; left > 0;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            if (isText) FillWithText(part);
            else random.Fill(part);
            file.Write(part);
            left -= part.Length;
        }
        Files++;
        Bytes += length;
    }

    private void FillWithText(Span<byte> part)
    {
        while (part.Length > 0)
        {
            var word = Vocabulary[random.Next() % (ulong)Vocabulary.Length].AsSpan();
            word = word[..Math.Min(word.Length, part.Length)];
            word.CopyTo(part);
            part = part[word.Length..];
        }
    }

    /// <summary>Some thousand tokens as they stand in logs and exports: the text compresses to about a third.</summary>
    private static IEnumerable<string> Words()
    {
        var random = new SplitMix(7);
        for (var i = 0; i < 3000; i++)
        {
            var letters = new char[3 + (int)(random.Next() % 9)];
            for (var j = 0; j < letters.Length; j++) letters[j] = (char)('a' + (int)(random.Next() % 26));
            yield return new string(letters) + (random.Next() % 12) switch { 0 => ";\n", 1 => ", ", 2 => $" {random.Next() % 10000} ", _ => " " };
        }
    }
}

/// <summary>splitmix64 (Steele, Lea and Flood 2014): the same bytes on every machine and every version of the framework.</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        unchecked
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    public void Fill(Span<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..]) BitConverter.TryWriteBytes(bytes, Next());
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(Next() & 0xFF);
    }
}
