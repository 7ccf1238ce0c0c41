using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.Restic;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>The tag inside a manifest or an archive ("TAM", since Borg 1.0.9): it says that the object was written as one.</summary>
/// <param name="HmacAt">Where the 64 bytes of the HMAC lie; they count as zeros in what it covers.</param>
internal sealed record MetadataTag(string Type, int HmacAt, byte[] Hmac, byte[] Salt)
{
    public static bool TryRead(ref MsgPackReader reader, out MetadataTag? tag)
    {
        tag = null;
        if (!reader.TryMap(out var count)) return false;
        var type = "";
        byte[] hmac = [], salt = [];
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(out var name) || !reader.TryBytes(out var value)) return false;
            if (name.SequenceEqual("type"u8)) type = Encoding.ASCII.GetString(value);
            else if (name.SequenceEqual("salt"u8)) salt = value.ToArray();
            else if (name.SequenceEqual("hmac"u8)) (hmac, at) = (value.ToArray(), reader.Position - value.Length);
        }
        tag = new MetadataTag(type, at, hmac, salt);
        return true;
    }

    /// <returns>Null when the tag holds, else why not.</returns>
    public Words? Check(ReadOnlySpan<byte> content, BorgKey? key, ReadOnlySpan<byte> context)
    {
        if (Type != "HKDF_HMAC_SHA512") return new Words("its tag is of an unknown kind", "son étiquette est d’un genre inconnu");
        if (Hmac.Length != 64 || Salt.Length == 0) return new Words("its tag is malformed", "son étiquette est mal formée");
        var covered = content.ToArray();
        covered.AsSpan(HmacAt, 64).Clear();
        return CryptographicOperations.FixedTimeEquals(HMACSHA512.HashData(BorgKey.TagKey(key, Salt, context), covered), Hmac)
            ? null
            : new Words("its tag does not match its content", "son étiquette ne correspond pas à son contenu");
    }
}

/// <summary>One archive as the manifest lists it.</summary>
internal sealed record ListedArchive(string Name, BlobId Id, string Time);

/// <summary>The list of archives (Borg internals, "The manifest").</summary>
internal sealed record Manifest(IReadOnlyList<ListedArchive> Archives, string Time, string UnknownFeature, MetadataTag? Tag)
{
    /// <summary>Borg's MAX_ARCHIVES.</summary>
    private const int MostArchives = 400_000;

    public static Manifest? TryParse(ReadOnlySpan<byte> content)
    {
        var reader = new MsgPackReader(content);
        if (!reader.TryMap(out var count)) return null;
        var archives = new List<ListedArchive>();
        long version = 0;
        var (time, feature) = ("", "");
        MetadataTag? tag = null;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(out var name)) return null;
            if (name.SequenceEqual("version"u8)) { if (!reader.TryInteger(out version)) return null; }
            else if (name.SequenceEqual("archives"u8)) { if (!TryArchives(ref reader, archives)) return null; }
            else if (name.SequenceEqual("timestamp"u8)) { if (!reader.TryBytes(out var v)) return null; time = Encoding.ASCII.GetString(v); }
            else if (name.SequenceEqual("config"u8)) { if (!TryFeatures(ref reader, out feature)) return null; }
            else if (name.SequenceEqual("tam"u8)) { if (!MetadataTag.TryRead(ref reader, out tag)) return null; }
            else if (reader.Skip() != MsgPackEnd.Whole) return null;
        }
        return reader.AtEnd && version is 1 or 2 ? new Manifest(archives, time, feature, tag) : null;
    }

    private static bool TryArchives(ref MsgPackReader reader, List<ListedArchive> archives)
    {
        if (!reader.TryMap(out var count) || count > MostArchives) return false;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(out var name) || !reader.TryMap(out var members)) return false;
            var text = Encoding.UTF8.GetString(name);
            var time = "";
            BlobId? id = null;
            for (var m = 0; m < members; m++)
            {
                if (!reader.TryBytes(out var member)) return false;
                if (member.SequenceEqual("id"u8))
                {
                    if (!reader.TryBytes(out var v) || v.Length != BlobId.Bytes) return false;
                    id = BlobId.Of(v);
                }
                else if (member.SequenceEqual("time"u8))
                {
                    if (!reader.TryBytes(out var v)) return false;
                    time = Encoding.ASCII.GetString(v);
                }
                else if (reader.Skip() != MsgPackEnd.Whole) return false;
            }
            if (id is null) return false;
            archives.Add(new ListedArchive(text, id.Value, time));
        }
        return true;
    }

    /// <summary>config.feature_flags.read|check.mandatory: what a reader must know, or else must not read (Borg internals, "Feature flags").</summary>
    private static bool TryFeatures(ref MsgPackReader reader, out string feature)
    {
        feature = "";
        if (!reader.TryMap(out var count)) return false;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(out var name)) return false;
            if (!name.SequenceEqual("feature_flags"u8)) { if (reader.Skip() != MsgPackEnd.Whole) return false; continue; }
            if (!reader.TryMap(out var operations)) return false;
            for (var o = 0; o < operations; o++)
            {
                if (!reader.TryBytes(out var operation) || !reader.TryMap(out var members)) return false;
                var concerns = operation.SequenceEqual("read"u8) || operation.SequenceEqual("check"u8);
                for (var m = 0; m < members; m++)
                {
                    if (!reader.TryBytes(out var member)) return false;
                    if (!concerns || !member.SequenceEqual("mandatory"u8)) { if (reader.Skip() != MsgPackEnd.Whole) return false; continue; }
                    if (!reader.TryArray(out var features)) return false;
                    for (var f = 0; f < features; f++)
                    {
                        if (!reader.TryBytes(out var v)) return false;
                        feature = Printable.Of(Encoding.UTF8.GetString(v));
                    }
                }
            }
        }
        return true;
    }
}

/// <summary>The head of an archive: what it is called, when and where it was made, and which objects hold its list of files.</summary>
/// <param name="Files">As Borg counted them (1.2 and later), or -1.</param>
internal sealed record Archive(string Name, string Time, string Host, string Comment, BlobId[] Items, long Files, long Bytes, MetadataTag? Tag)
{
    public static Archive? TryParse(ReadOnlySpan<byte> content)
    {
        var reader = new MsgPackReader(content);
        if (!reader.TryMap(out var count)) return null;
        string? title = null;
        var (time, host, comment) = ("", "", "");
        BlobId[]? items = null;
        long version = 0, files = -1, bytes = 0;
        MetadataTag? tag = null;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(out var name)) return null;
            if (name.SequenceEqual("version"u8)) { if (!reader.TryInteger(out version)) return null; }
            else if (name.SequenceEqual("items"u8)) { if (!TryIds(ref reader, out items)) return null; }
            else if (name.SequenceEqual("name"u8)) { if (!reader.TryBytes(out var v)) return null; title = Encoding.UTF8.GetString(v); }
            else if (name.SequenceEqual("time"u8)) { if (!reader.TryBytes(out var v)) return null; time = Encoding.ASCII.GetString(v); }
            else if (name.SequenceEqual("hostname"u8)) { if (!reader.TryBytes(out var v)) return null; host = Encoding.UTF8.GetString(v); }
            else if (name.SequenceEqual("comment"u8)) { if (!reader.TryBytes(out var v)) return null; comment = Encoding.UTF8.GetString(v); }
            else if (name.SequenceEqual("nfiles"u8)) { if (!reader.TryInteger(out files)) return null; }
            else if (name.SequenceEqual("size"u8)) { if (!reader.TryInteger(out bytes)) return null; }
            else if (name.SequenceEqual("tam"u8)) { if (!MetadataTag.TryRead(ref reader, out tag)) return null; }
            else if (reader.Skip() != MsgPackEnd.Whole) return null;
        }
        return reader.AtEnd && version == 1 && title is not null && items is not null ? new Archive(title, time, host, comment, items, files, bytes, tag) : null;
    }

    private static bool TryIds(ref MsgPackReader reader, out BlobId[]? ids)
    {
        ids = null;
        if (!reader.TryArray(out var count) || count > Decompressor.LargestPlain / BlobId.Bytes) return false;
        var all = new BlobId[count];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryBytes(out var v) || v.Length != BlobId.Bytes) return false;
            all[i] = BlobId.Of(v);
        }
        ids = all;
        return true;
    }
}

/// <summary>Times as Borg 1 writes them: ISO 8601 in UTC without saying so; later ones may carry an offset.</summary>
internal static class BorgTime
{
    public static DateTimeOffset? Parse(string text) =>
        text.Length is >= 19 and <= 40 && text[10] == 'T' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
}
