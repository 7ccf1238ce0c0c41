using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Server.Features.Access;

/// <summary>Codes that are shown once and kept as hashes. 130 random bits: no dictionary, so a plain hash is enough.</summary>
internal static class Secrets
{
    // Crockford's letters: none that is mistaken for another when read aloud or from paper.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Letters = 26;

    public static string Create() => RandomNumberGenerator.GetString(Alphabet, Letters);

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret.Trim()));
}
