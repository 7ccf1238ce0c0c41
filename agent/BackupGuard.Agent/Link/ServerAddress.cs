using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace BackupGuard.Agent.Link;

/// <summary>Where the server is: https, or http on this machine only.</summary>
internal static class ServerAddress
{
    /// <exception cref="UsageException">With what to write instead.</exception>
    public static Uri Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.PathAndQuery != "/" || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
            throw new UsageException($"--server {text}: give an address such as https://backupguard.example.fr:8443, without a path, a name or a password.");
        if (uri.Scheme == "http" && !uri.IsLoopback)
            throw new UsageException($"--server {text}: without https anybody on the way could read and change what is sent. Use https; http is taken for this machine (127.0.0.1) only.");
        return uri;
    }
}

/// <summary>SHA-256 of the SubjectPublicKeyInfo of a certificate, as <c>sha256:</c> and 64 hexadecimal digits. It survives a renewal with the same key.</summary>
internal sealed record ServerPin
{
    private const string Prefix = "sha256:";
    private readonly byte[] hash;

    private ServerPin(byte[] hash) => this.hash = hash;

    public static ServerPin Of(X509Certificate2 certificate) => new(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <exception cref="UsageException">Not of this form.</exception>
    public static ServerPin Parse(string text)
    {
        var digits = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..].Replace(":", "", StringComparison.Ordinal) : "";
        return digits.Length == 2 * SHA256.HashSizeInBytes && digits.All(char.IsAsciiHexDigit)
            ? new ServerPin(Convert.FromHexString(digits))
            : throw new UsageException($"--server-key {text}: give sha256: and 64 hexadecimal digits, as the server prints them at start.");
    }

    public bool Equals(ServerPin? other) => other is not null && CryptographicOperations.FixedTimeEquals(hash, other.hash);
    public override int GetHashCode() => hash[0];
    public override string ToString() => Prefix + Convert.ToHexStringLower(hash);
}
