using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Verification.Coverage;

/// <summary>Remembers, outside the backup, when each object was last read and authenticated. Kept for one repository at one place: two copies never share a memory.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Every member MUST be safe to call from several threads at once.</item>
/// <item>What <see cref="Record"/> returned from MUST be there after the process was killed; a torn write MUST be forgotten, never guessed.</item>
/// <item>Whatever cannot be read back MUST count as never read.</item>
/// </list>
/// </remarks>
public interface ICoverageLedger
{
    /// <summary>When the object was last authenticated in exactly this state, or null.</summary>
    DateTimeOffset? LastAuthenticated(CoverageKey key);

    /// <param name="marks">What was seen in it, see <see cref="Marks"/>.</param>
    void Record(CoverageKey key, DateTimeOffset at, byte marks = 0);

    /// <summary>What was seen when the object was last authenticated, in whatever state: that it changed since does not make it clean. 0 for nothing.</summary>
    byte Marks(CoverageKey key);

    /// <summary>It was read and is not what it must be: from now on it counts as never read, so that every run looks at it first.</summary>
    void Forget(CoverageKey key);
}

/// <summary>Opens the memory of a repository once its own id is known. A memory that cannot be used MUST give a ledger that remembers nothing, and tell its owner by other means.</summary>
public interface ICoverageMemory
{
    ICoverageLedger Open(string repositoryId);
}

/// <summary>An object and the state in which it was read. Holds hashes only: a name can be a patient's.</summary>
/// <param name="Name">Half of the SHA-256 of the object's name.</param>
/// <param name="State">Changes when the length, the time of change, what the backup says about the object, or the rules by which we judge it change.</param>
public readonly record struct CoverageKey(UInt128 Name, ulong State)
{
    /// <param name="rules">Format and number of our rules, such as "restic/1": what an older verifier let pass is read again.</param>
    /// <param name="expectation">What the backup's own metadata say about the object: if they change, it was not checked against them.</param>
    public static CoverageKey Of(string rules, string name, long lengthBytes, DateTimeOffset modifiedAt, ReadOnlySpan<byte> expectation)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        var id = BinaryPrimitives.ReadUInt128LittleEndian(hash);
        using var state = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        state.AppendData(Encoding.UTF8.GetBytes(rules + "\n"));
        BinaryPrimitives.WriteInt64LittleEndian(hash, lengthBytes);
        BinaryPrimitives.WriteInt64LittleEndian(hash[8..], modifiedAt.UtcTicks);
        state.AppendData(hash[..16]);
        state.AppendData(expectation);
        state.GetHashAndReset(hash);
        return new CoverageKey(id, BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }
}

/// <summary>What is known about all objects together, this run included.</summary>
/// <param name="OldestAt">Nothing that was ever read was read before this; null when nothing was.</param>
/// <param name="BytesNeverRead">Bytes of objects that were never authenticated in their present state.</param>
/// <param name="BytesTooOld">Bytes last authenticated longer ago than was promised; with those never read they are what keeps a verdict from being good.</param>
/// <param name="ObjectsMissed">Objects that were not authenticated within the promise; an empty one counts too.</param>
public sealed record CoverageSummary(long Bytes, long BytesNeverRead, long BytesTooOld, long ObjectsMissed, DateTimeOffset? OldestAt, TimeSpan Promise)
{
    /// <summary>Share of the bytes that were authenticated within the promise, 0 to 1; 1 where there are no bytes at all.</summary>
    public double Share => Bytes == 0 ? 1 : (double)(Bytes - BytesNeverRead - BytesTooOld) / Bytes;

    public bool IsKept => ObjectsMissed == 0;
}
