using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Verification.Cryptography;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>One key file: the master key wrapped with a password.</summary>
internal sealed record KeyFile(string Created, string User, string Host, int N, int R, int P, byte[] Salt, byte[] Data)
{
    /// <summary>Key files have a few hundred bytes; more is not a key file.</summary>
    public const int LargestBytes = 64 * 1024;

    public string Derivation => $"scrypt N={N} r={R} p={P}";
    public long Cost => (long)N * R * P;

    /// <summary>Key files are plain text: whoever may write into the repository chooses every field, so each is bounded before it is used.</summary>
    public static KeyFile? TryParse(ReadOnlySpan<byte> json, out Words reason)
    {
        KeyJson? key;
        try
        {
            key = JsonSerializer.Deserialize(json, ResticJson.Default.KeyJson);
        }
        catch (JsonException)
        {
            reason = new("it is not the JSON of a key", "ce n’est pas le JSON d’une clé");
            return null;
        }
        reason = key switch
        {
            null => new("it is empty", "il est vide"),
            { Kdf: not "scrypt" } => new("its key derivation is not scrypt", "sa dérivation de clé n’est pas scrypt"),
            { Salt: null or { Length: < 8 } } => new("its salt is too short", "son sel est trop court"),
            { Data: null or { Length: < ResticKey.Overhead } } => new("it holds no key", "il ne contient pas de clé"),
            _ when !Scrypt.Accepts(key.N, key.R, key.P) => new($"its scrypt parameters are refused (N={key.N}, r={key.R}, p={key.P})", $"ses paramètres scrypt sont refusés (N={key.N}, r={key.R}, p={key.P})"),
            _ => default(Words),
        };
        if (key is null || reason != default) return null;
        return new KeyFile(key.Created ?? "", key.Username ?? "", key.Hostname ?? "", (int)key.N, (int)key.R, (int)key.P, key.Salt ?? [], key.Data ?? []);
    }

    /// <summary>The master key, or null when the password does not fit this file.</summary>
    public ResticKey? Open(ReadOnlySpan<byte> password)
    {
        Span<byte> derived = stackalloc byte[64];
        Scrypt.DeriveKey(password, Salt, N, R, P, derived);
        try
        {
            using var wrapper = ResticKey.From(derived[..32], derived[32..48], derived[48..]);
            var data = Data.AsSpan().ToArray();
            if (wrapper is null || !wrapper.TryOpen(data, out var plaintext)) return null;
            try
            {
                var master = JsonSerializer.Deserialize(plaintext, ResticJson.Default.MasterKeyJson);
                return ResticKey.From(master?.Encrypt ?? [], master?.Mac?.K ?? [], master?.Mac?.R ?? []);
            }
            catch (JsonException)
            {
                return null;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(data);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }
}

internal sealed record KeyJson(string? Created, string? Username, string? Hostname, string? Kdf,
    [property: JsonPropertyName("N")] long N, long R, long P, byte[]? Salt, byte[]? Data);

internal sealed record MasterKeyJson(MacKeyJson? Mac, byte[]? Encrypt);

internal sealed record MacKeyJson(byte[]? K, byte[]? R);

internal sealed record ConfigJson(int Version, string? Id, [property: JsonPropertyName("chunker_polynomial")] string? ChunkerPolynomial);

internal sealed record LockJson(string? Time, bool Exclusive, string? Hostname, string? Username, int Pid);

internal sealed record SnapshotJson(string? Time, string? Tree, string?[]? Paths, string? Hostname, string? Username, string?[]? Tags, string? Parent, string? Original, SummaryJson? Summary);

/// <summary>Written since restic 0.17.</summary>
internal sealed record SummaryJson([property: JsonPropertyName("total_bytes_processed")] ulong TotalBytesProcessed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeyJson))]
[JsonSerializable(typeof(MasterKeyJson))]
[JsonSerializable(typeof(ConfigJson))]
[JsonSerializable(typeof(LockJson))]
[JsonSerializable(typeof(SnapshotJson))]
internal sealed partial class ResticJson : JsonSerializerContext;
