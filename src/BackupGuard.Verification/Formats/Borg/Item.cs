using System.Numerics;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.Borg;

internal enum ItemKind { Unknown, File, Directory, SymbolicLink, NamedPipe, Socket, CharacterDevice, BlockDevice }

internal readonly record struct ChunkReference(BlobId Id, uint Size);

/// <summary>One file, folder or link of an archive. Reused from item to item: copy what is kept.</summary>
internal sealed class Item
{
    /// <summary>As the file system had it: bytes, perhaps not UTF-8.</summary>
    public byte[] Path = [];

    /// <summary>Target of a symbolic link, or path of the first of several hard links.</summary>
    public byte[]? Source;
    public int Mode;
    public Int128? ModifiedAt, AccessedAt;
    public uint? UserId, GroupId;
    public ulong Device;
    public long? Size;
    public bool HasChunks, IsHardLinkMaster, IsPart, HasAcl, HasFlags;

    /// <summary>How many of the chunks are zeros that borg check put in place of lost ones.</summary>
    public int Replaced;
    public readonly List<ChunkReference> Chunks = [];
    public readonly List<(byte[] Name, byte[] Value)> ExtendedAttributes = [];

    /// <summary>The file type bits of POSIX st_mode.</summary>
    public ItemKind Kind => (Mode & 0xF000) switch
    {
        0x8000 => ItemKind.File, 0x4000 => ItemKind.Directory, 0xA000 => ItemKind.SymbolicLink, 0x1000 => ItemKind.NamedPipe, 0xC000 => ItemKind.Socket, 0x2000 => ItemKind.CharacterDevice,
        0x6000 => ItemKind.BlockDevice, _ => ItemKind.Unknown,
    };

    /// <summary>One of the later names of a file with several: no content of its own.</summary>
    public bool IsHardLink => Source is not null && Kind != ItemKind.SymbolicLink;

    public long Bytes
    {
        get
        {
            long sum = 0;
            foreach (var chunk in Chunks) sum += chunk.Size;
            return sum;
        }
    }

    public RestoredMetadata Metadata => new(Mode & 0xFFF, ModifiedAt, AccessedAt, UserId, GroupId) { ExtendedAttributes = [.. ExtendedAttributes] };

    /// <summary>Reads one item that is all of <paramref name="bytes"/> (Borg internals, "Items"). Unknown members are tolerated: newer versions add some.</summary>
    public bool TryRead(ReadOnlySpan<byte> bytes)
    {
        Clear();
        var reader = new MsgPackReader(bytes);
        if (!reader.TryMap(out var count)) return false;
        for (var i = 0; i < count; i++)
            if (!reader.TryBytes(out var name) || !TryMember(name, ref reader)) return false;
        return reader.AtEnd && Path.Length > 0 && Mode != 0;
    }

    private void Clear()
    {
        (Path, Source, Mode, ModifiedAt, AccessedAt, UserId, GroupId, Device, Size, Replaced) = ([], null, 0, null, null, null, null, 0, null, 0);
        (HasChunks, IsHardLinkMaster, IsPart, HasAcl, HasFlags) = (false, false, false, false, false);
        Chunks.Clear();
        ExtendedAttributes.Clear();
    }

    private bool TryMember(ReadOnlySpan<byte> name, ref MsgPackReader reader)
    {
        long number;
        if (name.SequenceEqual("path"u8)) return TryCopy(ref reader, out Path);
        if (name.SequenceEqual("source"u8)) { var good = TryCopy(ref reader, out var source); Source = source; return good; }
        if (name.SequenceEqual("mode"u8)) { var good = reader.TryInteger(out number) && number is > 0 and <= 0xFFFF; Mode = good ? (int)number : 0; return good; }
        if (name.SequenceEqual("mtime"u8)) return TryTime(ref reader, out ModifiedAt);
        if (name.SequenceEqual("atime"u8)) return TryTime(ref reader, out AccessedAt);
        if (name.SequenceEqual("uid"u8)) return TryOwner(ref reader, out UserId);
        if (name.SequenceEqual("gid"u8)) return TryOwner(ref reader, out GroupId);
        if (name.SequenceEqual("rdev"u8)) { var good = reader.TryInteger(out number) && number >= 0; Device = good ? (ulong)number : 0; return good; }
        if (name.SequenceEqual("size"u8)) { if (reader.TryNil()) return true; var good = reader.TryInteger(out number); Size = number; return good; }
        if (name.SequenceEqual("hardlink_master"u8)) return reader.TryNil() || reader.TryBoolean(out IsHardLinkMaster);
        if (name.SequenceEqual("part"u8)) { IsPart = true; return reader.Skip() == MsgPackEnd.Whole; }
        if (name.SequenceEqual("bsdflags"u8)) { var good = reader.TryInteger(out number); HasFlags = number != 0; return good; }
        if (name.StartsWith("acl_"u8)) { HasAcl = true; return reader.Skip() == MsgPackEnd.Whole; }
        if (name.SequenceEqual("chunks"u8)) return TryChunks(ref reader);
        if (name.SequenceEqual("chunks_healthy"u8)) return TryHealthy(ref reader);
        if (name.SequenceEqual("xattrs"u8)) return TryAttributes(ref reader);
        return reader.Skip() == MsgPackEnd.Whole;
    }

    private static bool TryCopy(ref MsgPackReader reader, out byte[] bytes)
    {
        var good = reader.TryBytes(out var value);
        bytes = value.ToArray();
        return good;
    }

    /// <summary>Nanoseconds since 1970; where they do not fit an integer of msgpack, as little-endian bytes.</summary>
    private static bool TryTime(ref MsgPackReader reader, out Int128? time)
    {
        time = null;
        if (reader.TryNil()) return true;
        if (reader.TryInteger(out var number)) time = number;
        else if (reader.TryBytes(out var bytes) && bytes.Length <= 16) time = (Int128)new BigInteger(bytes);
        return time is not null;
    }

    private static bool TryOwner(ref MsgPackReader reader, out uint? id)
    {
        id = null;
        if (reader.TryNil()) return true;
        if (!reader.TryInteger(out var number) || number is < 0 or > uint.MaxValue) return false;
        id = (uint)number;
        return true;
    }

    private bool TryChunks(ref MsgPackReader reader)
    {
        if (reader.TryNil()) return true;
        HasChunks = true;
        if (!reader.TryArray(out var count)) return false;
        for (var i = 0; i < count; i++)
        {
            if (!TryChunk(ref reader, out var chunk)) return false;
            Chunks.Add(chunk);
        }
        return true;
    }

    private static bool TryChunk(ref MsgPackReader reader, out ChunkReference chunk)
    {
        chunk = default;
        if (!reader.TryArray(out var parts) || parts != 3 || !reader.TryBytes(out var id) || id.Length != BlobId.Bytes) return false;
        if (!reader.TryInteger(out var size) || size is < 0 or > Decompressor.LargestPlain || !reader.TryInteger(out _)) return false;
        chunk = new ChunkReference(BlobId.Of(id), (uint)size);
        return true;
    }

    /// <summary>What the chunks were before borg check --repair; "chunks" is written before it, the names being sorted.</summary>
    private bool TryHealthy(ref MsgPackReader reader)
    {
        if (reader.TryNil()) return true;
        if (!reader.TryArray(out var count)) return false;
        for (var i = 0; i < count; i++)
        {
            if (!TryChunk(ref reader, out var chunk)) return false;
            if (i >= Chunks.Count || !Chunks[i].Id.Equals(chunk.Id)) Replaced++;
        }
        return true;
    }

    private bool TryAttributes(ref MsgPackReader reader)
    {
        if (reader.TryNil()) return true;
        if (!reader.TryMap(out var count)) return false;
        for (var i = 0; i < count; i++)
        {
            if (!TryCopy(ref reader, out var name)) return false;
            byte[] value = [];
            if (!reader.TryNil() && !TryCopy(ref reader, out value)) return false;
            if (name.Length > 0) ExtendedAttributes.Add((name, value));
        }
        return true;
    }
}
