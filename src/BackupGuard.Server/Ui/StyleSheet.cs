using System.Reflection;
using System.Security.Cryptography;

namespace BackupGuard.Server.Ui;

/// <summary>The one style sheet, carried in the assembly so that it is found wherever the server is started and wherever a page is written to a file.</summary>
public static class StyleSheet
{
    private static readonly Lazy<byte[]> Content = new(Read);

    public static ReadOnlyMemory<byte> Bytes => Content.Value;

    public static string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Read()))[..12];

    /// <summary>Changes with the content, so it may be cached for ever.</summary>
    public static string Href { get; } = $"/site.css?v={Hash}";

    private static byte[] Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("site.css")
            ?? throw new InvalidOperationException("site.css is missing from the assembly.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
