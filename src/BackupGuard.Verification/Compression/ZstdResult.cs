namespace BackupGuard.Verification.Compression;

/// <summary>How decoding zstd data (RFC 8878) ended. Bad input is a result, never an exception.</summary>
public enum ZstdResult
{
    Ok,

    /// <summary>The input ends in the middle of a frame, or is empty.</summary>
    Truncated,

    /// <summary>The input is not what RFC 8878 allows: no frame, a reserved value, a bit stream that does not end where it must, an offset before the beginning.</summary>
    Corrupt,

    /// <summary>The content is longer than the caller allows. Decoding stopped there: nothing was written past the limit.</summary>
    TooLong,

    /// <summary>The frame asks for a dictionary; none is ever accepted.</summary>
    DictionaryRefused,

    /// <summary>The frame asks for more history than <see cref="Zstd.LargestWindow"/>.</summary>
    WindowTooLarge,

    /// <summary>The content does not match the frame's XXH64.</summary>
    ChecksumMismatch,

    /// <summary>The content is not as long as the frame's header says.</summary>
    ContentSizeMismatch,
}
