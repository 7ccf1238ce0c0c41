namespace BackupGuard.Agent.Spool;

/// <summary>Where everything that the agent did is written down before anybody is told.</summary>
public interface IEvidenceRecorder
{
    /// <summary>Signs an entry with the agent's key and next counter and makes it durable; returns only once it survives a power cut.</summary>
    /// <param name="type">verify.intent, verify.result, drill.intent, drill.result, clock.jump, agent.start…</param>
    /// <param name="application">Id of the application concerned, or "".</param>
    /// <param name="payload">A JSON object (UTF-8), at most 48 KiB; it is canonicalised before signing.</param>
    /// <param name="intent">Counter of the intent that this result closes, or null.</param>
    /// <returns>The counter of the new entry.</returns>
    /// <remarks>Takes no cancellation token: a half-written proof helps nobody. Throws IOException when the spool cannot be written: then nothing may be claimed.</remarks>
    long Record(string type, string application, ReadOnlyMemory<byte> payload, long? intent);
}
