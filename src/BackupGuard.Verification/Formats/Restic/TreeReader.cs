using System.Globalization;
using System.Text;
using System.Text.Json;

namespace BackupGuard.Verification.Formats.Restic;

internal enum NodeType { Unknown, File, Directory, SymbolicLink, Device, CharacterDevice, NamedPipe, Socket, Irregular }

/// <summary>One entry of a folder list. Reused from entry to entry: copy what is kept.</summary>
internal sealed class TreeNode
{
    /// <summary>The name as the file system had it: bytes, perhaps not UTF-8.</summary>
    public byte[] Name = [];
    public NodeType Type;
    public string TypeText = "";

    /// <summary>POSIX permission and set-id bits (07777).</summary>
    public int Mode;
    public Int128? ModifiedAt, AccessedAt;
    public uint UserId, GroupId;
    public ulong Inode, DeviceId, Device, Links;
    public long Size;
    public byte[] LinkTarget = [];
    public string Error = "";
    public bool HasSubtree, HasContent;
    public BlobId Subtree;
    public readonly List<BlobId> Content = [];
    public readonly List<(byte[] Name, byte[] Value)> ExtendedAttributes = [];

    public void Clear()
    {
        Name = [];
        Type = NodeType.Unknown;
        (TypeText, Error) = ("", "");
        Mode = 0;
        (ModifiedAt, AccessedAt) = (null, null);
        (UserId, GroupId) = (0, 0);
        (Inode, DeviceId, Device, Links, Size) = (0, 0, 0, 0, 0);
        LinkTarget = [];
        (HasSubtree, HasContent) = (false, false);
        Content.Clear();
        ExtendedAttributes.Clear();
    }
}

/// <summary>Reads the nodes of a tree blob (restic design, "Trees and Data"). Unknown members are tolerated: newer versions add some.</summary>
internal ref struct TreeReader
{
    private Utf8JsonReader reader;
    private bool inNodes;

    /// <exception cref="JsonException">The text is not the JSON of a tree; thrown by <see cref="Next"/> too.</exception>
    public TreeReader(ReadOnlySpan<byte> json)
    {
        reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("not an object");
        inNodes = FindNodes();
    }

    private bool FindNodes()
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isNodes = reader.ValueTextEquals("nodes"u8);
            reader.Read();
            if (isNodes && reader.TokenType == JsonTokenType.StartArray) return true;
            // An empty folder may be written as null.
            if (isNodes && reader.TokenType == JsonTokenType.Null) continue;
            if (isNodes) throw new JsonException("nodes is not a list");
            reader.Skip();
        }
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read()) throw new JsonException("unexpected end");
        return false;
    }

    public bool Next(TreeNode node)
    {
        if (!inNodes) return false;
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndArray)) throw new JsonException("a node is not an object");
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            inNodes = FindNodes();
            if (inNodes) throw new JsonException("two lists of nodes");
            return false;
        }
        node.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) ReadMember(node);
        return true;
    }

    private void ReadMember(TreeNode node)
    {
        if (reader.ValueTextEquals("name"u8)) node.Name = GoString.Unquote(ReadBytes());
        else if (reader.ValueTextEquals("type"u8)) { node.TypeText = ReadText(); node.Type = TypeOf(node.TypeText); }
        else if (reader.ValueTextEquals("content"u8)) node.HasContent = ReadContent(node.Content);
        else if (reader.ValueTextEquals("subtree"u8)) { node.HasSubtree = TryReadId(out node.Subtree); }
        else if (reader.ValueTextEquals("size"u8)) node.Size = (long)Math.Min(ReadNumber(), long.MaxValue);
        else if (reader.ValueTextEquals("mode"u8)) node.Mode = PosixMode(ReadNumber());
        else if (reader.ValueTextEquals("mtime"u8)) node.ModifiedAt = GoTime.ToNanoseconds(ReadText());
        else if (reader.ValueTextEquals("atime"u8)) node.AccessedAt = GoTime.ToNanoseconds(ReadText());
        else if (reader.ValueTextEquals("uid"u8)) node.UserId = (uint)Math.Min(ReadNumber(), uint.MaxValue);
        else if (reader.ValueTextEquals("gid"u8)) node.GroupId = (uint)Math.Min(ReadNumber(), uint.MaxValue);
        else if (reader.ValueTextEquals("inode"u8)) node.Inode = ReadNumber();
        else if (reader.ValueTextEquals("device_id"u8)) node.DeviceId = ReadNumber();
        else if (reader.ValueTextEquals("device"u8)) node.Device = ReadNumber();
        else if (reader.ValueTextEquals("links"u8)) node.Links = ReadNumber();
        else if (reader.ValueTextEquals("error"u8)) node.Error = ReadText();
        // Written beside linktarget when the target is not UTF-8, and then the one that counts.
        else if (reader.ValueTextEquals("linktarget_raw"u8)) node.LinkTarget = ReadBase64();
        else if (reader.ValueTextEquals("linktarget"u8)) { var target = ReadBytes(); if (node.LinkTarget.Length == 0) node.LinkTarget = target; }
        else if (reader.ValueTextEquals("extended_attributes"u8)) ReadAttributes(node.ExtendedAttributes);
        else { reader.Read(); reader.Skip(); }
    }

    private bool ReadContent(List<BlobId> content)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return false;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("content is not a list");
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            if (!BlobId.TryParse(reader.ValueSpan, out var id)) throw new JsonException("content holds something that is no id");
            content.Add(id);
        }
        if (reader.TokenType != JsonTokenType.EndArray) throw new JsonException("content holds something that is no id");
        return true;
    }

    private void ReadAttributes(List<(byte[], byte[])> attributes)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) { reader.Skip(); return; }
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            byte[] name = [], value = [];
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("name"u8)) name = ReadBytes();
                else if (reader.ValueTextEquals("value"u8)) value = ReadBase64();
                else { reader.Read(); reader.Skip(); }
            }
            if (name.Length > 0) attributes.Add((name, value));
        }
    }

    private bool TryReadId(out BlobId id)
    {
        reader.Read();
        id = default;
        if (reader.TokenType == JsonTokenType.Null) return false;
        return reader.TokenType == JsonTokenType.String && BlobId.TryParse(reader.ValueSpan, out id) ? true : throw new JsonException("subtree is no id");
    }

    private ulong ReadNumber()
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var value) ? value : reader.TokenType == JsonTokenType.Null ? 0UL : throw new JsonException("a number was expected");
    }

    private string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    private byte[] ReadBytes()
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return [];
        if (reader.TokenType != JsonTokenType.String) throw new JsonException("a text was expected");
        if (!reader.ValueIsEscaped) return reader.ValueSpan.ToArray();
        var buffer = new byte[reader.ValueSpan.Length];
        return buffer[..reader.CopyString(buffer)];
    }

    private byte[] ReadBase64()
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return [];
        return reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes) ? bytes : throw new JsonException("base64 was expected");
    }

    private static NodeType TypeOf(string type) => type switch
    {
        "file" => NodeType.File,
        "dir" => NodeType.Directory,
        "symlink" => NodeType.SymbolicLink,
        "dev" => NodeType.Device,
        "chardev" => NodeType.CharacterDevice,
        "fifo" => NodeType.NamedPipe,
        "socket" => NodeType.Socket,
        "irregular" => NodeType.Irregular,
        _ => NodeType.Unknown,
    };

    /// <summary>Go's os.FileMode keeps set-id and sticky bits at its own places (io/fs, "FileMode").</summary>
    private static int PosixMode(ulong mode) =>
        (int)(mode & 0x1FF) | ((mode & (1UL << 23)) != 0 ? 0x800 : 0) | ((mode & (1UL << 22)) != 0 ? 0x400 : 0) | ((mode & (1UL << 20)) != 0 ? 0x200 : 0);
}

/// <summary>restic writes names with Go's strconv.Quote without the outer quotes, inside the JSON text.</summary>
internal static class GoString
{
    /// <exception cref="JsonException">An escape that Go does not write.</exception>
    public static byte[] Unquote(byte[] quoted)
    {
        if (!quoted.AsSpan().Contains((byte)'\\')) return quoted;
        var bytes = new List<byte>(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] != '\\') { bytes.Add(quoted[i]); continue; }
            if (++i >= quoted.Length) throw new JsonException("a name ends inside an escape");
            i = quoted[i] switch
            {
                (byte)'x' => AddByte(quoted, i, bytes),
                (byte)'u' => AddRune(quoted, i, 4, bytes),
                (byte)'U' => AddRune(quoted, i, 8, bytes),
                var c => AddSimple(c, i, bytes),
            };
        }
        return [.. bytes];
    }

    private static int AddSimple(byte c, int at, List<byte> bytes)
    {
        bytes.Add(c switch
        {
            (byte)'n' => (byte)'\n', (byte)'t' => (byte)'\t', (byte)'r' => (byte)'\r', (byte)'a' => 7, (byte)'b' => 8, (byte)'f' => 12, (byte)'v' => 11,
            (byte)'\\' => (byte)'\\', (byte)'"' => (byte)'"', (byte)'\'' => (byte)'\'',
            _ => throw new JsonException("a name holds an unknown escape"),
        });
        return at;
    }

    private static int AddByte(byte[] quoted, int at, List<byte> bytes)
    {
        bytes.Add((byte)Hex(quoted, at + 1, 2));
        return at + 2;
    }

    private static int AddRune(byte[] quoted, int at, int digits, List<byte> bytes)
    {
        if (!Rune.TryCreate((int)Math.Min(Hex(quoted, at + 1, digits), int.MaxValue), out var rune)) throw new JsonException("a name holds an impossible character");
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var b in utf8[..rune.EncodeToUtf8(utf8)]) bytes.Add(b);
        return at + digits;
    }

    private static uint Hex(byte[] quoted, int at, int digits) =>
        at + digits <= quoted.Length && uint.TryParse(quoted.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new JsonException("a name ends inside an escape");
}

/// <summary>RFC 3339 with up to nine decimals and an offset, as Go writes times.</summary>
internal static class GoTime
{
    /// <returns>Nanoseconds since 1970-01-01 UTC, or null when the text is no such time.</returns>
    public static Int128? ToNanoseconds(string text)
    {
        if (text.Length < 20 || !DateTime.TryParseExact(text.AsSpan(0, 19), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var seconds)) return null;
        var rest = text.AsSpan(19);
        long fraction = 0;
        if (rest[0] == '.')
        {
            var digits = 1;
            while (digits < rest.Length && char.IsAsciiDigit(rest[digits])) digits++;
            if (digits is 1 or > 10) return null;
            fraction = long.Parse(rest[1..digits], CultureInfo.InvariantCulture);
            for (var i = digits; i < 10; i++) fraction *= 10;
            rest = rest[digits..];
        }
        if (!TryOffset(rest, out var offsetMinutes)) return null;
        var ticks = seconds.Ticks - DateTime.UnixEpoch.Ticks;
        return (Int128)(ticks / TimeSpan.TicksPerSecond - offsetMinutes * 60L) * 1_000_000_000 + fraction;
    }

    public static DateTimeOffset? ToInstant(string? text)
    {
        if (text is null || ToNanoseconds(text) is not { } nanoseconds) return null;
        var ticks = nanoseconds / 100 + DateTimeOffset.UnixEpoch.Ticks;
        return ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks ? null : new DateTimeOffset((long)ticks, TimeSpan.Zero);
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text is "Z") return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':') return false;
        if (!int.TryParse(text[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out var h) || !int.TryParse(text[4..6], NumberStyles.None, CultureInfo.InvariantCulture, out var m)) return false;
        minutes = (text[0] == '-' ? -1 : 1) * (h * 60 + m);
        return h < 24 && m < 60;
    }
}
