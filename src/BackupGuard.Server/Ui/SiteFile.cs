using System.Reflection;
using System.Security.Cryptography;

namespace BackupGuard.Server.Ui;

/// <summary>A file of the site, carried in the assembly so that it is found wherever the server is started and wherever a page is written to a file.</summary>
public sealed class SiteFile
{
    private SiteFile(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is missing from the assembly.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        Bytes = memory.ToArray();
        Hash = Convert.ToHexStringLower(SHA256.HashData(Bytes.Span))[..12];
        Href = $"/{name}?v={Hash}";
    }

    public static SiteFile Style { get; } = new("site.css");

    /// <summary>Says whether a page is still what is so. No page needs it.</summary>
    public static SiteFile Direct { get; } = new("direct.js");

    public ReadOnlyMemory<byte> Bytes { get; }

    public string Hash { get; }

    /// <summary>Changes with the content, so it may be cached for ever.</summary>
    public string Href { get; }
}
