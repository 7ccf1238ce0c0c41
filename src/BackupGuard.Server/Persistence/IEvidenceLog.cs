using BackupGuard.Contracts;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>An entry for the server to sign.</summary>
/// <param name="Payload">A JSON object. A string member "run" makes the entry part of that run's stream.</param>
internal sealed record NewEntry(string Type, string Application, ReadOnlyMemory<byte> Payload)
{
    /// <summary>When it happened, where that is another time than now (a paper record entered afterwards).</summary>
    public DateTimeOffset? OccurredAt { get; init; }
}

/// <summary>What a writer believes the end of a run's stream to be.</summary>
/// <param name="LastSequence">Sequence of the run's newest entry, or null when the run must not exist yet.</param>
internal sealed record RunExpectation(string RunId, long? LastSequence);

/// <summary>An entry as the log holds it; its signature was checked when it was read.</summary>
/// <param name="Sequence">Index in the log, from 0.</param>
/// <param name="ReceivedAt">By the server's clock; the entry itself carries its signer's.</param>
internal sealed record LoggedEntry(long Sequence, VerifiedEntry Verified, DateTimeOffset ReceivedAt)
{
    public EvidenceEntry Entry => Verified.Entry;
}

internal abstract record AppendResult
{
    private AppendResult()
    {
    }

    /// <param name="Sequences">One for each entry, in order.</param>
    public sealed record Appended(IReadOnlyList<long> Sequences) : AppendResult;

    /// <summary>Somebody else was first: nothing was written. Read the run again and decide again.</summary>
    public sealed record Conflict(long? LastSequence) : AppendResult;
}

/// <summary>The append-only log. What is returned as appended MUST survive a power cut, and MUST be covered by a signed checkpoint.</summary>
/// <remarks>Appends take no cancellation token: once begun, an entry is either wholly there or not at all, and its writer learns which.</remarks>
internal interface IEvidenceLog
{
    /// <summary>Takes what an agent signed. Each entry is accepted, known already, or refused with a code; the log never holds one that its verifier would refuse.</summary>
    /// <returns>Null when the agent's key was revoked meanwhile: nothing was taken.</returns>
    Task<EvidenceReceipt?> AppendAgentEntriesAsync(AgentRow agent, EvidenceBatch batch);

    /// <summary>Signs and appends entries of the server's own, all or none.</summary>
    /// <param name="expected">When given, the entries belong to that run and its newest entry must be the expected one.</param>
    /// <exception cref="EvidenceException">An entry is outside its format.</exception>
    Task<AppendResult> AppendServerEntriesAsync(IReadOnlyList<NewEntry> entries, RunExpectation? expected);

    /// <summary>Appends an entry of the server's own unless its newest one of that type says the same: of several servers that notice something, one tells it.</summary>
    /// <param name="isKnown">Asked with the payload of the newest entry of that type, under the append lock.</param>
    /// <returns>False when it was known.</returns>
    Task<bool> AppendNewsAsync(NewEntry entry, Func<ReadOnlyMemory<byte>, bool> isKnown);

    /// <summary>Entries from a sequence on, in order.</summary>
    /// <exception cref="EvidenceException">An entry does not verify: what the log says must be treated as unknown.</exception>
    IAsyncEnumerable<LoggedEntry> ReadAsync(long fromSequence, CancellationToken stop);

    /// <summary>Entries of some types from a sequence on, in order.</summary>
    /// <param name="types">Names in lower-case letters and dots.</param>
    /// <exception cref="EvidenceException">An entry does not verify: what the log says must be treated as unknown.</exception>
    IAsyncEnumerable<LoggedEntry> ReadAsync(long fromSequence, IReadOnlyList<string> types, CancellationToken stop);

    /// <summary>Entries in the log.</summary>
    Task<long> SizeAsync(CancellationToken stop);

    /// <summary>The stream of one run from a sequence on, in order.</summary>
    IAsyncEnumerable<LoggedEntry> ReadRunAsync(string runId, long fromSequence, CancellationToken stop);

    /// <summary>Ids of all runs, the newest first.</summary>
    Task<IReadOnlyList<string>> RunIdsAsync(CancellationToken stop);
}

internal static class EvidenceLogExtensions
{
    public static Task<AppendResult> AppendServerEntryAsync(this IEvidenceLog log, string type, string application, ReadOnlyMemory<byte> payload, RunExpectation? expected = null) =>
        log.AppendServerEntriesAsync([new NewEntry(type, application, payload)], expected);
}

/// <summary>The stored log contradicts its own checkpoint: nothing may be appended until a person has looked.</summary>
internal sealed class LogDamagedException(string reason)
    : Exception($"The evidence log is damaged: {reason} Nothing more is written to it. Keep a copy of the data folder and run backupguard-server fsck.");
