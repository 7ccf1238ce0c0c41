using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats;

internal static class RestoreSpace
{
    /// <summary>Asks the target before the first byte; what it says is a finding, and nothing is to be restored then.</summary>
    public static bool Fits(this IRestoreTarget target, long totalBytes, FindingList findings)
    {
        try
        {
            target.Expect(totalBytes);
            return true;
        }
        catch (RestoreException e)
        {
            findings.Add(CommonFindings.RestoreWriteFailed.AtPath(e.Path, ("reason", e.Message)));
            return false;
        }
    }
}
