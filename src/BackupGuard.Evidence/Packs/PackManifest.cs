using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace BackupGuard.Evidence.Packs;

/// <summary>What was asked for. Empty lists and nulls leave a side open.</summary>
/// <param name="Families">Of <see cref="PackFamilies"/>; empty: entries of every type.</param>
/// <param name="From">First instant of the period, by the signer's clock.</param>
/// <param name="Until">First instant after it.</param>
/// <param name="Objective">Code of the objective that the lists were taken from, or null; what it says stands in objective.json.</param>
public sealed record PackScope(
    IReadOnlyList<string> Applications, IReadOnlyList<string> Families, string? From, string? Until, string? Objective)
{
    public static PackScope OfApplication(string id) => new([id], [], null, null, null);

    public static PackScope OfPeriod(DateTimeOffset from, DateTimeOffset until) => new([], [], EvidenceEntry.TextOf(from), EvidenceEntry.TextOf(until), null);

    /// <summary>Whether an entry was asked for. Times are compared as texts: their form makes both orders the same.</summary>
    /// <param name="isExercise">Whether the entry belongs to a run that was started as an exercise.</param>
    public bool Holds(string type, string application, string recordedAt, bool isExercise) =>
        (From is null || string.CompareOrdinal(recordedAt, From) >= 0) && (Until is null || string.CompareOrdinal(recordedAt, Until) < 0)
        && (Applications.Count == 0 || Applications.Contains(application) || (application.Length == 0 && isExercise && Families.Contains(PackFamilies.Exercise)))
        && (Families.Count == 0
            || (Families.Contains(PackFamilies.RestoreTest) && type.StartsWith("drill.", StringComparison.Ordinal))
            || (Families.Contains(PackFamilies.Exercise) && isExercise));
}

/// <summary>The two families of proof. One never fills the other's box.</summary>
public static class PackFamilies
{
    public const string RestoreTest = "restore-test";
    public const string Exercise = "exercise";
}

/// <summary>A record of the pack.</summary>
/// <param name="Why">One or more of <see cref="PackReasons"/>, in order of the alphabet.</param>
public sealed record PackRecord(long Index, IReadOnlyList<string> Why);

/// <summary>Why a record is in a pack.</summary>
public static class PackReasons
{
    /// <summary>It was asked for.</summary>
    public const string Selected = "selected";

    /// <summary>It announces, or ends, the work of a record that is here.</summary>
    public const string Work = "work";

    /// <summary>It registers or retires the key of a record that is here.</summary>
    public const string Key = "key";

    /// <summary>It is one side of a gap, or the entry that explains it.</summary>
    public const string Gap = "gap";

    /// <summary>It started the run of a record that is here.</summary>
    public const string Run = "run";

    /// <summary>The server took it in during the period, although its signer's clock says otherwise.</summary>
    public const string Received = "received";

    public static IReadOnlyList<string> All { get; } = [Gap, Key, Received, Run, Selected, Work];
}

/// <summary>Entries of one key that the log does not have.</summary>
/// <param name="First">First missing counter.</param>
/// <param name="Before">Index of the record with the counter before, null when nothing was there before.</param>
/// <param name="After">Index of the record with the counter after.</param>
/// <param name="DeclaredBy">Index of the entry in which the signer itself says that they were lost, or null.</param>
public sealed record PackGap(string Key, long First, long Last, long? Before, long After, long? DeclaredBy);

/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record PackFile(string Name, long Bytes, string Sha256);

/// <summary>manifest.json of a pack, schema <c>backupguard.evidence-pack/v1</c> (FORMAT.md, section 11).</summary>
public sealed partial record PackManifest
{
    public const string SchemaId = "backupguard.evidence-pack/v1";
    public const int MaxBytes = 16 * 1024 * 1024;

    public required string Schema { get; init; }

    /// <summary>The instant for which the pack was made, by the server's clock.</summary>
    public required string AsOf { get; init; }

    /// <summary>Origin of the log.</summary>
    public required string Log { get; init; }

    /// <summary>Entries in the tree that all inclusion proofs lead to.</summary>
    public required long Size { get; init; }
    public required PackScope Scope { get; init; }
    public required IReadOnlyList<PackRecord> Records { get; init; }

    /// <summary>Gaps of the keys of these records, over the whole log.</summary>
    public required IReadOnlyList<PackGap> Gaps { get; init; }

    /// <summary>Indexes of the intents here that nothing in the whole log closes.</summary>
    public required IReadOnlyList<long> OpenIntents { get; init; }

    /// <summary>Every other file but manifest.sig, in the order of names.</summary>
    public required IReadOnlyList<PackFile> Files { get; init; }

    /// <summary>What is signed: this line in front keeps the signature from fitting anything else that the same key signs.</summary>
    internal static ReadOnlySpan<byte> SignaturePrefix => "backupguard.pack/v1\n"u8;

    public byte[] ToBytes() => CanonicalJson.Canonicalise(JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.PackManifest), MaxBytes);

    /// <exception cref="EvidenceException">BG2033.</exception>
    public static PackManifest Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            Require(CanonicalJson.Canonicalise(bytes, MaxBytes).AsSpan().SequenceEqual(bytes.Span), "it is not in canonical form");
            var manifest = JsonSerializer.Deserialize(bytes.Span, ManifestJson.Default.PackManifest);
            Require(manifest is not null, "it is not an object");
            manifest!.DemandForm();     // required in the line above
            return manifest;
        }
        catch (EvidenceException e) when (e.Problem.Kind != EvidenceProblems.ManifestMalformed)
        {
            throw Malformed("it is not canonical JSON");
        }
        catch (JsonException)
        {
            throw Malformed("its members are others");
        }
    }

    private void DemandForm()
    {
        Require(Schema == SchemaId, "its schema is another");
        Require(IsTime(AsOf) && IsTimeOrNull(Scope.From) && IsTimeOrNull(Scope.Until), "a time is not of the form it must have");
        Require(Size >= 1, "its size is not positive");
        Require(Scope.Families.All(f => f is PackFamilies.RestoreTest or PackFamilies.Exercise), "its scope names an unknown family");
        Require(Ascends(Records.Select(r => r.Index)) && Records.All(r => r.Index >= 0 && r.Index < Size), "its records are not in order, or beyond its size");
        Require(Records.All(r => r.Why.Count > 0 && r.Why.All(PackReasons.All.Contains)), "a record is here for an unknown reason");
        Require(Ascends(OpenIntents), "its open intents are not in order");
        Require(Gaps.All(g => KeyId().IsMatch(g.Key) && g.First >= 1 && g.Last >= g.First), "a gap is not of the form it must have");
        Require(Files.Zip(Files.Skip(1)).All(p => string.CompareOrdinal(p.First.Name, p.Second.Name) < 0), "its files are not in order");
        Require(Files.All(f => PackLimits.IsName(f.Name) && f.Bytes >= 0 && Sha256().IsMatch(f.Sha256)), "a file is not of the form it must have");
    }

    private static bool Ascends(IEnumerable<long> values)
    {
        long? before = null;
        foreach (var value in values)
        {
            if (before >= value) return false;
            before = value;
        }
        return true;
    }

    private static bool IsTimeOrNull(string? text) => text is null || IsTime(text);

    private static bool IsTime(string text) => DateTimeOffset.TryParseExact(text, EvidenceEntry.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    internal static DateTimeOffset TimeOf(string text) =>
        DateTimeOffset.ParseExact(text, EvidenceEntry.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw Malformed(otherwise);
    }

    private static EvidenceException Malformed(string reason) => new(EvidenceProblems.ManifestMalformed.At("The manifest", ("reason", reason)));

    [GeneratedRegex(@"\A[0-9a-f]{8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyId();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256();
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PackManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
