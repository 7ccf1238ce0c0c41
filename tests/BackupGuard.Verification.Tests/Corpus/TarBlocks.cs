using System.Text;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>A tar archive as a list of headers with what follows each, so that one can be bent and its checksum set right.</summary>
internal sealed class TarBlocks
{
    private const int Block = 512;

    public sealed record Entry(byte[] Header, byte[] Data)
    {
        public string Name => Encoding.UTF8.GetString(Header.AsSpan(0, Header.AsSpan(0, 100).IndexOf((byte)0) is >= 0 and var end ? end : 100));

        /// <summary>With other bytes at a place of the header, and the checksum that belongs to them.</summary>
        public Entry With(int at, params ReadOnlySpan<byte> bytes)
        {
            var bent = (byte[])Header.Clone();
            bytes.CopyTo(bent.AsSpan(at));
            bent.AsSpan(148, 8).Fill((byte)' ');
            var sum = bent.Sum(b => b);
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bent, 148);
            return this with { Header = bent };
        }

        /// <summary>With a number in octal, as long as its field.</summary>
        public Entry WithNumber(int at, int length, long number) => With(at, Encoding.ASCII.GetBytes(Convert.ToString(number, 8).PadLeft(length - 1, '0') + "\0"));

        public Entry Named(string name) => With(0, [.. Encoding.UTF8.GetBytes(name), .. new byte[100 - Encoding.UTF8.GetByteCount(name)]]);
    }

    public List<Entry> Entries { get; } = [];

    public static TarBlocks Of(byte[] tar)
    {
        var blocks = new TarBlocks();
        for (var at = 0; at + Block <= tar.Length && tar.AsSpan(at, Block).ContainsAnyExcept((byte)0);)
        {
            var size = (int)Convert.ToInt64(Encoding.ASCII.GetString(tar, at + 124, 11), 8);
            if (tar[at + 156] is (byte)'1' or (byte)'2' or (byte)'5') size = 0;
            var padded = (size + Block - 1) / Block * Block;
            blocks.Entries.Add(new Entry(tar[at..(at + Block)], tar[(at + Block)..(at + Block + padded)]));
            at += Block + padded;
        }
        return blocks;
    }

    public Entry this[string name] => Entries.First(e => e.Name == name);

    public TarBlocks Replace(string name, Func<Entry, Entry> by)
    {
        var at = Entries.FindIndex(e => e.Name == name);
        Entries[at] = by(Entries[at]);
        return this;
    }

    public TarBlocks Add(Entry entry)
    {
        Entries.Add(entry);
        return this;
    }

    public byte[] ToBytes()
    {
        byte[] all = [.. Entries.SelectMany(e => (byte[])[.. e.Header, .. e.Data]), .. new byte[2 * Block]];
        return [.. all, .. new byte[(10_240 - (all.Length % 10_240)) % 10_240]];
    }
}
