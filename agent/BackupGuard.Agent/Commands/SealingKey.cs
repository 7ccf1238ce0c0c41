using System.Security.Cryptography;

namespace BackupGuard.Agent.Commands;

/// <summary>P-256 keys in PEM files, for sealing.</summary>
public static class SealingKey
{
    public const string FileName = "agent-key.pem";

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

    /// <summary>The key in the state folder; a new one when there is none.</summary>
    public static ECDsa OpenOrCreate(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (File.Exists(file)) return Open(file);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            Directory.CreateDirectory(folder);
            File.Delete(file + ".tmp");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(file + ".tmp", options))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
                stream.Flush(flushToDisk: true);
            }

            File.Move(file + ".tmp", file);
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new UsageException($"No key could be written to {file}: {e.Message}");
        }
    }
}
