using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Tests.Compression;

/// <summary>Data of different natures, the same at every run.</summary>
internal static class Samples
{
    public static readonly string[] Shapes = ["text", "random", "repetitive", "structured", "skewed", "far"];

    public static byte[] Of(string shape, int length)
    {
        var random = new Random(length ^ shape.Length);
        return shape switch
        {
            "random" => Random(random, length),
            "text" => Text(random, length),
            "repetitive" => Repetitive(random, length),
            "structured" => Structured(random, length),
            "skewed" => Skewed(random, length),
            "far" => Far(random, length),
            _ => throw new ArgumentOutOfRangeException(nameof(shape)),
        };
    }

    private static byte[] Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Text(Random random, int length)
    {
        string[] words = ["le", "patient", "dossier", "examen", "de", "laboratoire", "la", "résultat", "urgent", "biologie", "et", "prescription", "\n", "service", "une", "123"];
        var text = new StringBuilder(length + 20);
        while (text.Length < length) text.Append(words[(int)(Math.Pow(random.NextDouble(), 2) * words.Length)]).Append(random.Next(9) == 0 ? ". " : " ");
        return Encoding.UTF8.GetBytes(text.ToString()).AsSpan(0, length).ToArray();
    }

    private static byte[] Repetitive(Random random, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var period = random.Next(1, 20);
            var run = Math.Min(random.Next(1, 300), length - at);
            for (var i = 0; i < run; i++, at++) bytes[at] = at >= period ? bytes[at - period] : (byte)random.Next(256);
            if (at < length) bytes[at++] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static byte[] Structured(Random random, int length)
    {
        var bytes = new MemoryStream(length + 100);
        for (var i = 0; bytes.Length < length; i++)
        {
            bytes.Write(BitConverter.GetBytes(i));
            bytes.Write(BitConverter.GetBytes((short)random.Next(500)));
            bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<row id=\"{i}\" v=\"{random.Next(100)}\"/>")));
        }

        return bytes.ToArray().AsSpan(0, length).ToArray();
    }

    /// <summary>Few matches, uneven bytes: literals that Huffman codes well.</summary>
    private static byte[] Skewed(Random random, int length)
    {
        var bytes = new byte[length];
        foreach (ref var value in bytes.AsSpan()) value = (byte)(Math.Pow(random.NextDouble(), 4) * 200);
        return bytes;
    }

    /// <summary>The second half is the first once more, with a few changes.</summary>
    private static byte[] Far(Random random, int length)
    {
        var bytes = Random(random, length);
        bytes.AsSpan(0, length / 2).CopyTo(bytes.AsSpan(length / 2));
        for (var i = 0; i < length / 50_000; i++) bytes[random.Next(length)] ^= 1;
        return bytes;
    }
}
