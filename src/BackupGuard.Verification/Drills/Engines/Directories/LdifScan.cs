using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Drills.Engines.Directories;

/// <summary>What an LDIF says of itself, read in one pass without keeping any entry.</summary>
/// <param name="Entries">Lines that begin an entry.</param>
/// <param name="FirstDn">DN of the first entry; null where there is none or it is longer than <see cref="LongestDn"/> bytes.</param>
/// <param name="IsComplete">Its end is where a writer ends. slapcat ends every entry with an empty line; where a file has none at its end, something is missing. An LDIF without
/// the server's own attributes may come from another writer, and only has to end with its line.</param>
/// <param name="Newest">Newest createTimestamp or modifyTimestamp.</param>
/// <param name="Bytes">Unpacked.</param>
internal sealed record LdifScan(long Entries, string? FirstDn, bool IsComplete, DateTimeOffset? Newest, long Bytes)
{
    public const int LongestDn = 8192;

    /// <param name="mostBytes">Reading ends there: see <see cref="LdifTooLongException"/>.</param>
    /// <param name="until">Dates after this one are left aside: a single wrong date would hide stale data.</param>
    /// <exception cref="InvalidDataException">The packed stream is damaged.</exception>
    public static async Task<LdifScan> ReadAsync(Stream stream, long mostBytes, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var lines = new Lines(until);
        var buffer = new byte[128 * 1024];
        long bytes = 0;
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            bytes += read;
            if (bytes > mostBytes) throw new LdifTooLongException();
            foreach (var b in buffer.AsSpan(0, read)) lines.Take(b);
        }
        return lines.End(bytes);
    }

    /// <summary>Only the beginning of a line matters, but for the first DN, which may be folded over several.</summary>
    private sealed class Lines(DateTimeOffset until)
    {
        private readonly byte[] _line = new byte[64];
        private readonly List<byte> _dn = [];
        private int _kept;
        private long _length;
        private bool _inFirstDn;
        private bool _isFolded;
        private long _entries;
        private bool _isFromServer;
        private bool _endedEmpty = true;
        private bool _endedWhole = true;
        private DateTimeOffset? _newest;

        public void Take(byte b)
        {
            if (b == (byte)'\n')
            {
                EndLine();
                return;
            }
            if (_length == 0) _isFolded = b == (byte)' ';
            if (_kept < _line.Length) _line[_kept++] = b;
            if (_inFirstDn && _isFolded && _length > 0 && b != (byte)'\r' && _dn.Count <= LongestDn) _dn.Add(b);
            else if (_entries == 0 && !_isFolded && (StartsWith("dn:"u8) || _inFirstDn) && _length > 2 && b != (byte)'\r' && _dn.Count <= LongestDn)
            {
                _inFirstDn = true;
                _dn.Add(b);
            }
            _length++;
            _endedWhole = false;
        }

        public LdifScan End(long bytes) =>
            new(_entries, FirstDn(), _endedWhole && (!_isFromServer || _endedEmpty), _newest, bytes);

        private bool StartsWith(ReadOnlySpan<byte> word) => _line.AsSpan(0, _kept).StartsWith(word);

        private void EndLine()
        {
            var isEmpty = _length == 0 || (_length == 1 && _line[0] == (byte)'\r');
            if (!_isFolded)
            {
                if (StartsWith("dn:"u8)) _entries++;
                else if (StartsWith("entryCSN:"u8) || StartsWith("entryUUID:"u8)) _isFromServer = true;
                else if (StartsWith("modifyTimestamp: "u8)) TakeDate("modifyTimestamp: ".Length);
                else if (StartsWith("createTimestamp: "u8)) TakeDate("createTimestamp: ".Length);
                _inFirstDn = _entries == 1 && StartsWith("dn:"u8);
            }
            (_endedEmpty, _endedWhole) = (isEmpty, true);
            (_kept, _length, _isFolded) = (0, 0, false);
        }

        private void TakeDate(int from)
        {
            var text = Encoding.ASCII.GetString(_line.AsSpan(from, _kept - from)).TrimEnd('\r');
            if (GeneralizedTime.TryParse(text, out var date) && date <= until && (_newest is null || date > _newest)) _newest = date;
        }

        /// <summary>"dn: text" or "dn:: base64".</summary>
        private string? FirstDn()
        {
            if (_entries == 0 || _dn.Count is 0 or > LongestDn) return null;
            var text = Encoding.UTF8.GetString(_dn.ToArray());
            if (!text.StartsWith(':')) return text.TrimStart(' ');
            var decoded = new byte[text.Length];
            return Convert.TryFromBase64String(text[1..].Trim(), decoded, out var length) ? Encoding.UTF8.GetString(decoded, 0, length) : null;
        }
    }
}

/// <summary>More than anybody's directory: a packed file that unpacks without end.</summary>
internal sealed class LdifTooLongException() : Exception("The LDIF is longer than the limit.");

/// <summary>RFC 4517, 3.3.13, as directories write it: UTC, with or without a fraction.</summary>
internal static class GeneralizedTime
{
    public static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, ["yyyyMMddHHmmss'Z'", "yyyyMMddHHmmss'.0Z'", "yyyyMMddHHmmss'.'ffffff'Z'"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
