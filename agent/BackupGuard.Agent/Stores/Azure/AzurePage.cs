using System.Globalization;
using System.Xml;

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
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var section = "";
        // Where the text of an element was taken, the reader stands on what follows it already.
        for (var isRead = xml.Read(); isRead; isRead = !xml.EOF)
        {
            if (xml.Depth > DeepestElement) throw Not("depth");
            var text = xml.NodeType != XmlNodeType.Element ? null : (xml.Depth, xml.LocalName) switch
            {
                (1, "NextMarker") => next = xml.ReadElementContentAsString(),
                // Characters that XML cannot hold come as %XX.
                (3, "Name") => fields["Name"] = xml.GetAttribute("Encoded") == "true" ? Uri.UnescapeDataString(xml.ReadElementContentAsString()) : xml.ReadElementContentAsString(),
                (3, "VersionId" or "IsCurrentVersion") => fields[xml.LocalName] = xml.ReadElementContentAsString(),
                (4, "Content-Length" or "Last-Modified" or "Etag" or "ResourceType") when section == "Properties" => fields[xml.LocalName] = xml.ReadElementContentAsString(),
                _ => null,
            };
            if (text is not null) continue;
            if (xml.NodeType == XmlNodeType.Element && xml is { Depth: 1, LocalName: "Blobs" }) hasBlobs = true;
            if (xml.NodeType == XmlNodeType.Element && xml.Depth == 2) fields.Clear();
            if (xml.NodeType == XmlNodeType.Element && xml.Depth == 3) section = xml.LocalName;
            if (xml is { Depth: 2, LocalName: "Blob" } && (xml.NodeType == XmlNodeType.EndElement || xml.IsEmptyElement))
            {
                if (blobs.Count == MostBlobs) throw Not("count");
                blobs.Add(Blob(fields));
            }
            xml.Read();
        }
        // A listing that was cut or changed on the way is not a short one.
        return hasBlobs && next is not null ? new AzurePage(blobs, next) : throw Not("NextMarker");
    }

    private static AzureBlob Blob(Dictionary<string, string> fields)
    {
        if (!long.TryParse(fields.GetValueOrDefault("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || !DateTimeOffset.TryParseExact(fields.GetValueOrDefault("Last-Modified"), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var modified)) throw Not("Properties");
        if (fields.GetValueOrDefault("Name") is not { Length: > 0 and <= LongestName } name) throw Not("Name");
        var version = fields.GetValueOrDefault("VersionId", "");
        var isFolder = fields.GetValueOrDefault("ResourceType") == "directory" || ObjectNames.IsFolderMark(name, length);
        return new AzureBlob(name, length, modified, fields.GetValueOrDefault("Etag", ""), version, version.Length == 0 || fields.GetValueOrDefault("IsCurrentVersion") == "true", isFolder);
    }

    private static FormatException Not(string what) => new($"not a listing: {what}");
}
