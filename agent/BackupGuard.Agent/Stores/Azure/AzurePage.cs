using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace BackupGuard.Agent.Stores.Azure;

/// <param name="Version">"" where the store keeps none.</param>
/// <param name="IsCurrent">What opening the name gives.</param>
/// <param name="IsFolder">A folder of a hierarchical namespace, or an empty blob that stands for one.</param>
internal sealed record AzureBlob(string Name, long LengthBytes, DateTimeOffset ModifiedAt, string Tag, string Version, bool IsCurrent, bool IsFolder);

/// <summary>One page of List Blobs.</summary>
/// <param name="NextMarker">"" on the last page.</param>
internal sealed record AzurePage(IReadOnlyList<AzureBlob> Blobs, string NextMarker)
{
    /// <summary>As many as the store gives at once.</summary>
    public const int MostBlobs = 5_000;

    private const int LongestName = 1_024, DeepestElement = 16;
    private const long LargestDocument = 56 << 20;

    /// <exception cref="FormatException">It is no listing, or one that cannot be.</exception>
    /// <exception cref="XmlException">It is no XML, has a DTD, or is too large.</exception>
    public static AzurePage Read(Stream stream)
    {
        using var xml = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = LargestDocument });
        if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "EnumerationResults") throw Not("EnumerationResults");
        var blobs = new List<AzureBlob>();
        var hasBlobs = false;
        string? next = null;
        // Where an element was taken out, the reader stands on what follows it already.
        for (var isRead = xml.Read(); isRead;)
        {
            if (xml.Depth > DeepestElement) throw Not("depth");
            if (xml.NodeType == XmlNodeType.Element && xml is { Depth: 1, LocalName: "Blobs" }) hasBlobs = true;
            if (xml.NodeType == XmlNodeType.Element && xml is { Depth: 2, LocalName: "Blob" })
            {
                if (blobs.Count == MostBlobs) throw Not("count");
                blobs.Add(Blob(Element(xml)));
            }
            else if (xml.NodeType == XmlNodeType.Element && xml is { Depth: 1, LocalName: "NextMarker" }) next = Element(xml).Value;
            else isRead = xml.Read();
        }
        // A listing that was cut or changed on the way is not a short one.
        return hasBlobs && next is not null ? new AzurePage(blobs, next) : throw Not("NextMarker");
    }

    private static XElement Element(XmlReader xml)
    {
        using var inner = xml.ReadSubtree();
        var builder = XElement.Load(inner, LoadOptions.PreserveWhitespace);
        xml.Skip();
        return builder;
    }

    private static AzureBlob Blob(XElement e)
    {
        var properties = e.Element("Properties") ?? throw Not("Properties");
        if (e.Element("Name") is not { } name || !long.TryParse(properties.Element("Content-Length")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || !DateTimeOffset.TryParseExact(properties.Element("Last-Modified")?.Value, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var modified)) throw Not("Blob");
        // Characters that XML cannot hold come as %XX.
        var text = name.Attribute("Encoded")?.Value == "true" ? Uri.UnescapeDataString(name.Value) : name.Value;
        if (text.Length is 0 or > LongestName) throw Not("Name");
        var version = e.Element("VersionId")?.Value ?? "";
        var isFolder = properties.Element("ResourceType")?.Value == "directory" || ObjectNames.IsFolderMark(text, length);
        return new AzureBlob(text, length, modified, properties.Element("Etag")?.Value ?? "", version, version.Length == 0 || e.Element("IsCurrentVersion")?.Value == "true", isFolder);
    }

    private static FormatException Not(string what) => new($"not a listing: {what}");
}
