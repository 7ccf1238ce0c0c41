using BackupGuard.Verification.Tests.Stores;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>What must hold after a damage, besides that nothing throws, hangs or eats the memory, and that what verify calls good comes back.</summary>
[Flags]
internal enum Promise
{
    None = 0,

    /// <summary>Verify must not call it good.</summary>
    NotProved = 1,

    /// <summary>A restore that calls itself good gives what the undamaged backup gives.</summary>
    SameBytes = 2,
}

/// <summary>Damage by somebody who knows the format and holds its keys: plain random bytes die at the first checksum and never reach what lies behind it.</summary>
/// <param name="Apply">Changes the store; null when it found nothing to change.</param>
internal sealed record ShapedDamage(string Name, Func<MemoryStore, Random, Promise?> Apply);
