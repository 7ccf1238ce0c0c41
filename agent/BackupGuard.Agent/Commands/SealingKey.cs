using System.Security.Cryptography;

namespace BackupGuard.Agent.Commands;

/// <summary>P-256 keys in PEM files, for sealing.</summary>
public static class SealingKey
{
    /// <exception cref="UsageException">There is no P-256 private key in that file.</exception>
    public static ECDsa Open(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            if (key.ExportParameters(true).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value) return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new UsageException($"The key {file} cannot be used: {e.Message}");
        }

        key.Dispose();
        throw new UsageException($"The key {file} is not an ECDSA key on the curve P-256.");
    }
}
