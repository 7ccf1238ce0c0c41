using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BackupGuard.Evidence.TimeStamps;

namespace BackupGuard.Evidence;

/// <summary>A witness's verifier key of any signature type. Which types can be judged is the business of whoever reads cosignatures.</summary>
/// <param name="KeyId">Eight hexadecimal digits.</param>
/// <param name="Type">The signature type's first byte (C2SP signed-note).</param>
/// <param name="Key">What follows the type byte.</param>
public sealed record WitnessKey(string Name, string KeyId, byte Type, ReadOnlyMemory<byte> Key)
{
    private const byte Ecdsa = 0x02;

    /// <exception cref="FormatException">Not name+id+base64, or the id is not that of the key.</exception>
    public static WitnessKey Parse(string text)
    {
        var parts = text.Split('+', 3);
        if (parts.Length == 3 && NoteKey.IsName(parts[0]) && Base64.TryDecode(parts[2], out var bytes) && bytes.Length > 1)
        {
            // Type 0x02 takes the id of the key alone, every other type that of name, type and key.
            var hash = SHA256.HashData(bytes[0] == Ecdsa ? bytes[1..] : [.. Encoding.UTF8.GetBytes(parts[0]), 0x0a, .. bytes]);
            if (Convert.ToHexStringLower(hash.AsSpan(0, 4)) == parts[1]) return new WitnessKey(parts[0], parts[1], bytes[0], bytes.AsMemory(1));
        }
        throw new FormatException("not name+id+base64 of a key with that id");
    }
}

/// <summary>A witness as the policy names it.</summary>
/// <param name="Url">Where it answers, or null: an auditor needs none.</param>
public sealed record PolicyWitness(string Name, WitnessKey Key, string? Url);

/// <summary>What an auditor trusts: logs, witnesses, time-stamp authorities, and how many of them must have vouched (C2SP tlog-policy with a line of ours; FORMAT.md, section 12).</summary>
public sealed class TrustPolicy
{
    public const int MaxBytes = 64 * 1024;

    /// <summary>Logs, witnesses, authorities and groups there may be of each.</summary>
    public const int MaxOfEach = 64;
    private const string None = "none";

    private readonly Dictionary<string, (int Threshold, string[] Members)> groups;

    private TrustPolicy(IReadOnlyList<NoteKey> logs, IReadOnlyList<PolicyWitness> witnesses, IReadOnlyList<TimeStampAuthority> authorities, Dictionary<string, (int, string[])> groups, string quorum)
    {
        Logs = logs;
        Witnesses = witnesses;
        Authorities = authorities;
        this.groups = groups;
        Quorum = quorum;
    }

    /// <summary>At least one; a checkpoint by any of them is accepted.</summary>
    public IReadOnlyList<NoteKey> Logs { get; }
    public IReadOnlyList<PolicyWitness> Witnesses { get; }
    public IReadOnlyList<TimeStampAuthority> Authorities { get; }

    /// <summary>A witness, an authority, a group, or "none".</summary>
    public string Quorum { get; }

    public bool NeedsWitnesses => Quorum != None;

    /// <summary>The policy of somebody who has the log's key and no witness.</summary>
    public static TrustPolicy Of(NoteKey log) => new([log], [], [], [], None);

    /// <param name="witnessed">Names, as in the policy, of the witnesses with a valid cosignature and of the authorities with a valid time stamp.</param>
    public bool IsMet(IReadOnlySet<string> witnessed) => !NeedsWitnesses || Has(Quorum, witnessed);

    /// <exception cref="EvidenceException">BG2029, with the line.</exception>
    public static TrustPolicy Parse(ReadOnlySpan<byte> bytes) => new Reader().Read(bytes);

    // Groups name only what stands in front of them: no circle, and a depth of at most MaxOfEach.
    private bool Has(string name, IReadOnlySet<string> witnessed) =>
        groups.TryGetValue(name, out var group) ? group.Members.Count(m => Has(m, witnessed)) >= group.Threshold : witnessed.Contains(name);

    private sealed class Reader
    {
        private readonly List<NoteKey> logs = [];
        private readonly List<PolicyWitness> witnesses = [];
        private readonly List<TimeStampAuthority> authorities = [];
        private readonly Dictionary<string, (int, string[])> groups = new(StringComparer.Ordinal);
        private readonly HashSet<string> names = new(StringComparer.Ordinal) { None };
        private readonly HashSet<string> members = new(StringComparer.Ordinal);
        private readonly HashSet<string> keys = new(StringComparer.Ordinal);
        private string? quorum;
        private int line;

        public TrustPolicy Read(ReadOnlySpan<byte> bytes)
        {
            Require(bytes.Length <= MaxBytes, $"the file has more than {MaxBytes} bytes");
            Require(bytes.Length > 0 && bytes[^1] == '\n', "the last line is not ended by a line feed");
            // Octets, not characters: names are compared byte for byte.
            foreach (var text in Encoding.Latin1.GetString(bytes[..^1]).Split('\n'))
            {
                line++;
                Require(!text.Any(c => c < ' ' && c != '\t' || c == '\x7f'), "it holds a control character");
                var items = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
                if (items.Length > 0 && items[0][0] != '#') Take(items);
            }
            Require(logs.Count > 0, "no log is named");
            Require(quorum is not null, "the quorum is missing");
            return new TrustPolicy(logs, witnesses, authorities, groups, quorum!);   // required in the line above
        }

        private void Take(string[] items)
        {
            switch (items[0])
            {
                case "log" when items.Length is 2 or 3: TakeLog(items[1]); break;
                case "witness" when items.Length is 3 or 4: TakeWitness(items[1], items[2], items.ElementAtOrDefault(3)); break;
                case "tsa" when items.Length is 3 or 4: TakeAuthority(items[1], items[2], items.ElementAtOrDefault(3)); break;
                case "group" when items.Length >= 4: TakeGroup(items[1], items[2], items[3..]); break;
                case "quorum" when items.Length == 2:
                    Require(quorum is null, "the quorum stands there twice");
                    Require(names.Contains(items[1]), $"'{items[1]}' is not named before");
                    quorum = items[1];
                    break;
                default: throw Malformed("it is none of: log KEY [URL], witness NAME KEY [URL], tsa NAME CERTIFICATE [URL], group NAME all|any|NUMBER NAME…, quorum NAME");
            }
        }

        private void TakeLog(string text)
        {
            Require(logs.Count < MaxOfEach, $"there are more than {MaxOfEach} logs");
            try
            {
                var key = NoteKey.Parse(Utf8(text));
                Require(keys.Add("log " + key.Key.Fingerprint), "this log stands there twice");
                logs.Add(key);
            }
            catch (EvidenceException e) when (e.Problem.Kind == EvidenceProblems.Malformed)
            {
                throw Malformed("the log's key is not name+id+base64 of an ECDSA P-256 key");
            }
        }

        private void TakeWitness(string name, string text, string? url)
        {
            Require(witnesses.Count < MaxOfEach, $"there are more than {MaxOfEach} witnesses");
            Name(name);
            try
            {
                var key = WitnessKey.Parse(Utf8(text));
                Require(keys.Add("witness " + Convert.ToHexString(key.Key.Span)), "this witness stands there twice");
                witnesses.Add(new PolicyWitness(name, key, url));
            }
            catch (FormatException)
            {
                throw Malformed("the witness's key is not name+id+base64 of a key with that id");
            }
        }

        private void TakeAuthority(string name, string certificates, string? url)
        {
            Require(authorities.Count < MaxOfEach, $"there are more than {MaxOfEach} authorities");
            Require(TimeStampAuthority.IsName(name), $"the name of an authority has 1 to {TimeStampAuthority.MaxNameLength} of a to z, 0 to 9, hyphen and underscore");
            Name(name);
            authorities.Add(new TimeStampAuthority(name, [.. certificates.Split(',').Select(Root)], url));
        }

        private X509Certificate2 Root(string text)
        {
            try
            {
                if (Base64.TryDecode(text, out var bytes) && X509CertificateLoader.LoadCertificate(bytes) is var root
                    && root.RawDataMemory.Span.SequenceEqual(bytes) && root.SubjectName.RawData.AsSpan().SequenceEqual(root.IssuerName.RawData)) return root;
            }
            catch (CryptographicException)
            {
                // Told below.
            }
            throw Malformed("a root of an authority is not base64 of a self-signed certificate in DER");
        }

        private void TakeGroup(string name, string threshold, string[] of)
        {
            Require(groups.Count < MaxOfEach, $"there are more than {MaxOfEach} groups");
            foreach (var member in of)
            {
                Require(member != None && names.Contains(member), $"'{member}' is not named before");
                Require(members.Add(member), $"'{member}' is in two groups");
            }
            var k = threshold switch
            {
                "all" => of.Length,
                "any" => 1,
                _ => int.TryParse(threshold, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == threshold ? number : 0,
            };
            Require(k >= 1 && k <= of.Length, $"the threshold is not all, any, or a number from 1 to {of.Length}");
            Name(name);
            groups.Add(name, (k, of));
        }

        private void Name(string name) => Require(names.Add(name), $"the name '{name}' is taken");

        private string Utf8(string octets)
        {
            try
            {
                return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Encoding.Latin1.GetBytes(octets));
            }
            catch (DecoderFallbackException)
            {
                throw Malformed("a key's name is not UTF-8");
            }
        }

        private void Require(bool holds, string otherwise)
        {
            if (!holds) throw Malformed(otherwise);
        }

        private EvidenceException Malformed(string reason) => new(EvidenceProblems.PolicyMalformed.At(line == 0 ? "The policy" : $"Line {line} of the policy", ("reason", reason)));
    }
}
