using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Evidence.Witnesses;

/// <summary>The file that auditors get: the log's key, the witnesses and how many of them are needed.</summary>
internal static class PolicyFile
{
    /// <exception cref="UsageException">It cannot be read or followed, or a witness has an address that nobody can call.</exception>
    public static TrustPolicy Read(string file)
    {
        try
        {
            if (new FileInfo(file).Length > TrustPolicy.MaxBytes) throw new UsageException($"--policy {file} is larger than {TrustPolicy.MaxBytes} bytes; a policy never is.");
            var policy = TrustPolicy.Parse(File.ReadAllBytes(file));
            foreach (var witness in policy.Witnesses.Where(w => w.Url is not null))
            {
                if (!Uri.TryCreate(witness.Url, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http")) throw new UsageException($"--policy {file}: the witness {witness.Name} has the address '{witness.Url}'; write for example https://temoin.example/.");
                if (CosignatureKey.Of(witness.Key) is null) throw new UsageException($"--policy {file}: the key of the witness {witness.Name} is of a type that this version cannot judge; it is made by `backupguard-witness keygen`.");
            }
            foreach (var authority in policy.Authorities.Where(a => a.Url is not null))
                if (!Uri.TryCreate(authority.Url, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0)
                    throw new UsageException($"--policy {file}: the time-stamp authority {authority.Name} has the address '{authority.Url}'; write for example http://horodatage.example/tsa, without a password: auditors get this file.");
            return policy;
        }
        catch (EvidenceException e)
        {
            throw new UsageException($"--policy {file}: {e.Problem.Code} {e.Problem.Message("en")}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--policy {file} cannot be read: {e.Message}", e);
        }
    }
}
