namespace BackupGuard.Verification.Drills.Contents;

/// <summary>A file is not what its format asks for, or more than this reader takes.</summary>
/// <param name="reason">Never a value from the file.</param>
/// <param name="isLimit">The reader gave up: nothing is known of the rest, and nothing is wrong with what was read.</param>
internal sealed class BrokenContentException(Words reason, bool isLimit = false) : Exception(reason.En)
{
    public Words Reason => reason;
    public bool IsLimit => isLimit;
}
