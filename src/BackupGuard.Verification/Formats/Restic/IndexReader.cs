using System.Text.Json;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>Adds the packs of one index file to the blob index (restic design, "Indexing"). Not for several threads.</summary>
internal sealed class IndexReader(BlobIndex index, FindingSink sink)
{
    private readonly List<BlobEntry> blobs = [];
    private readonly HashSet<BlobId> conflicting = [];

    /// <summary>Packs that two indexes describe differently.</summary>
    public IReadOnlySet<BlobId> Conflicting => conflicting;

    /// <exception cref="JsonException">The text is not the JSON of an index.</exception>
    public void Add(ReadOnlySpan<byte> json, string name)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPacks = reader.ValueTextEquals("packs"u8);
            reader.Read();
            if (isPacks && reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject) AddPack(ref reader, name);
            }
            else reader.Skip();
        }
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read()) throw new JsonException("unexpected end");
    }

    private void AddPack(ref Utf8JsonReader reader, string name)
    {
        BlobId? id = null;
        var wrong = "";
        blobs.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8)) id = ReadId(ref reader);
            else if (reader.ValueTextEquals("blobs"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartArray) { reader.Skip(); continue; }
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    if (!TryReadBlob(ref reader, out var blob)) wrong = "a blob has no valid id, type, offset or length";
                    else blobs.Add(blob);
                }
            }
            else { reader.Read(); reader.Skip(); }
        }
        if (id is not { } pack) throw new JsonException("a pack without id");
        if (wrong.Length > 0) sink.Add(ResticFindings.IndexDamaged.At(name, ("reason", new Words($"in pack {pack}, {wrong}", $"dans le paquet {pack}, un bloc n’a pas d’identifiant, de type, de position ou de longueur valides"))));
        Keep(pack);
    }

    private void Keep(BlobId pack)
    {
        blobs.Sort((x, y) => x.Offset.CompareTo(y.Offset));
        if (index.TryGetPack(pack, out var known))
        {
            var same = known.Count == blobs.Count && Enumerable.Range(0, blobs.Count).All(i => Same(index[known.First + i], blobs[i]));
            if (same) { sink.Add(ResticFindings.IndexDuplicate.At(pack.ToString())); return; }
            if (conflicting.Add(pack)) sink.Add(ResticFindings.IndexConflict.At(pack.ToString()));
            return;
        }
        var first = index.Count;
        foreach (ref readonly var blob in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(blobs)) index.Add(blob);
        index.ClosePack(pack, first);
    }

    private static bool Same(in BlobEntry a, in BlobEntry b) =>
        a.Id.Equals(b.Id) && a.Kind == b.Kind && a.Offset == b.Offset && a.Length == b.Length && a.CompressedPlainLength == b.CompressedPlainLength;

    private bool TryReadBlob(ref Utf8JsonReader reader, out BlobEntry blob)
    {
        BlobId? id = null;
        BlobKind? kind = null;
        uint? offset = null, length = null;
        uint plain = 0;
        var valid = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8)) id = ReadId(ref reader);
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                kind = reader.TokenType != JsonTokenType.String ? null : reader.ValueTextEquals("data"u8) ? BlobKind.Data : reader.ValueTextEquals("tree"u8) ? BlobKind.Tree : null;
            }
            else if (reader.ValueTextEquals("offset"u8)) offset = ReadLength(ref reader);
            else if (reader.ValueTextEquals("length"u8)) length = ReadLength(ref reader);
            else if (reader.ValueTextEquals("uncompressed_length"u8))
            {
                var read = ReadLength(ref reader);
                valid &= read is not null;
                plain = read ?? 0;
            }
            else { reader.Read(); reader.Skip(); }
        }
        blob = default;
        if (!valid || id is null || kind is null || offset is null || length is null) return false;
        blob = new BlobEntry(id.Value, kind.Value, index.NextPack, offset.Value, length.Value, plain);
        return true;
    }

    private static BlobId? ReadId(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && !reader.HasValueSequence && BlobId.TryParse(reader.ValueSpan, out var id) ? id : null;
    }

    private static uint? ReadLength(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetUInt32(out var value)) return value;
        reader.Skip();
        return null;
    }
}
