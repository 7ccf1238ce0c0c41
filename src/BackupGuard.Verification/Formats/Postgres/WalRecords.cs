using System.Buffers.Binary;
using BackupGuard.Verification.Cryptography;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Follows the records of one WAL range from page to page and checks the CRC of each (src/include/access/xlogrecord.h; src/backend/access/transam/xlogreader.c).</summary>
/// <remarks>Nothing is interpreted but lengths, checksums, the chain of records and the switch to the next segment. No record is held in memory.</remarks>
internal sealed class WalRecords(WalRange range)
{
    private const int HeaderBytes = 24, ChecksumAt = 20, Alignment = 8;
    private const uint LongestRecord = 1 << 30;
    private const byte XlogManager = 0, SwitchInfo = 0x40, InfoMask = 0xF0;

    private readonly byte[] header = new byte[HeaderBytes];
    private bool started;
    private bool inRecord;
    private bool restIsEmpty;
    private int headerHeld;
    private uint bodyLeft;
    private uint crc;
    private ulong recordAt;
    private ulong? previousAt;

    public long Records { get; private set; }

    /// <summary>Whether what follows in this segment was never written: the server had changed to the next one.</summary>
    public bool RestOfSegmentIsEmpty => restIsEmpty;

    public void BeginSegment() => restIsEmpty = false;

    /// <summary>Takes the next page of the range; the first is the one that holds the range's start.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Take(ReadOnlySpan<byte> bytes, WalPage page)
    {
        var at = page.HeaderBytes;
        if (!started)
        {
            started = true;
            at = Math.Max(at, (int)(range.Start.Value - page.Address));
        }
        else if (inRecord && page.GivesUpRecord)
        {
            inRecord = false;
        }
        else if (page.BeginsInsideRecord != inRecord || (inRecord && page.Continued != Missing))
        {
            return $"the page at {new Lsn(page.Address)} does not go on where the page before it ended";
        }

        var limit = (int)Math.Min((ulong)bytes.Length, range.End.Value - page.Address);
        while (at < limit && !restIsEmpty)
        {
            if (!inRecord)
            {
                at = (at + Alignment - 1) & ~(Alignment - 1);
                if (at >= limit) break;
                Begin(page.Address + (ulong)at);
            }

            at += Feed(bytes[at..limit], out var wrong);
            if (wrong is not null) return wrong;
        }

        return null;
    }

    /// <returns>What is wrong at the end of the range, or null.</returns>
    public string? Finish() => inRecord ? $"the range ends inside the record at {new Lsn(recordAt)}" : null;

    /// <summary>Of the record under way, what later pages must bring.</summary>
    private uint Missing => headerHeld < HeaderBytes ? Length - (uint)headerHeld : bodyLeft;

    private uint Length => BinaryPrimitives.ReadUInt32LittleEndian(header);

    private void Begin(ulong at)
    {
        (inRecord, headerHeld, recordAt, crc) = (true, 0, at, Crc32C.Seed);
    }

    private int Feed(ReadOnlySpan<byte> bytes, out string? wrong)
    {
        wrong = null;
        if (headerHeld < HeaderBytes)
        {
            var taken = Math.Min(HeaderBytes - headerHeld, bytes.Length);
            bytes[..taken].CopyTo(header.AsSpan(headerHeld));
            headerHeld += taken;
            if (headerHeld >= 4 && Length is < HeaderBytes or > LongestRecord) wrong = $"there is no record at {new Lsn(recordAt)}, where one must begin";
            else if (headerHeld == HeaderBytes) wrong = TakeHeader();
            return taken;
        }

        var body = (int)Math.Min(bodyLeft, (uint)bytes.Length);
        crc = Crc32C.Append(crc, bytes[..body]);
        bodyLeft -= (uint)body;
        if (bodyLeft == 0) wrong = End();
        return body;
    }

    private string? TakeHeader()
    {
        bodyLeft = Length - HeaderBytes;
        var previous = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8));
        if (previousAt is { } before ? previous != before : previous >= recordAt) return $"the record at {new Lsn(recordAt)} does not follow the one before it";
        return bodyLeft == 0 ? End() : null;
    }

    private string? End()
    {
        inRecord = false;
        crc = Crc32C.Append(crc, header.AsSpan(0, ChecksumAt));
        if (~crc != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(ChecksumAt))) return $"the record at {new Lsn(recordAt)} does not match its checksum";
        previousAt = recordAt;
        Records++;
        restIsEmpty = header[17] == XlogManager && (header[16] & InfoMask) == SwitchInfo;
        return null;
    }
}
