using System.Data.Common;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Persistence;

/// <summary>Writes what is derived from entries, in the transaction that appends them. Nothing else writes these tables.</summary>
internal static class Projections
{
    /// <summary>Applies entries in their order, as if one by one.</summary>
    public static void Apply(DbConnection connection, IReadOnlyList<(long Sequence, EvidenceEntry Entry)> entries)
    {
        var facts = new List<FactRow>();
        var opened = new Dictionary<(string Key, long Counter), object?[]>();
        foreach (var (sequence, entry) in entries)
        {
            if (FactProjection.Of(sequence, entry) is { } fact)
            {
                facts.Add(fact);
            }
            // An intent that this batch opened and closed was never written.
            if (entry.Intent is { } closed && !opened.Remove((entry.KeyId, closed)))
            {
                connection.Execute("DELETE FROM open_intents WHERE key_id = @key AND counter = @counter", ("@key", entry.KeyId), ("@counter", closed));
            }
            if (entry.IsIntent)
            {
                opened[(entry.KeyId, entry.Counter)] = [sequence, entry.KeyId, entry.Counter, entry.Origin, entry.Type, entry.Application];
            }
            if (AgentProjection.Of(entry) is { } change)
            {
                Apply(connection, change);
            }
        }
        connection.InsertAll("open_intents", "seq, key_id, counter, origin, type, application", [.. opened.Values]);
        connection.InsertAll("facts", FactColumns, [.. facts.Select(f => Values(f).Select(v => v.Value).ToArray())]);
    }

    public const string FactColumns =
        "seq, application, kind, outcome, at, name, agent, definition_hash, recovery_time_ms, recovery_point_ms, coverage, alarm_rang, reason_fr, reason_en";

    /// <summary>A fact as it is stored, in the order of <see cref="FactColumns"/>.</summary>
    public static IReadOnlyList<(string Column, object? Value)> Values(FactRow fact) =>
    [
        ("seq", fact.Seq), ("application", fact.Application), ("kind", fact.Kind), ("outcome", fact.Outcome), ("at", fact.At.ToUnixTimeMilliseconds()),
        ("name", fact.Name), ("agent", fact.Agent), ("definition_hash", fact.DefinitionHash), ("recovery_time_ms", fact.RecoveryTimeMs),
        ("recovery_point_ms", fact.RecoveryPointMs), ("coverage", fact.Coverage), ("alarm_rang", fact.AlarmRang switch { null => null, true => 1L, false => 0L }), ("reason_fr", fact.ReasonFr), ("reason_en", fact.ReasonEn),
    ];

    private static void Apply(DbConnection connection, AgentChange change) => _ = change switch
    {
        AgentChange.Enrolled enrolled => connection.Execute(
            "INSERT INTO agents (key_id, id, public_key, enrolled_at) VALUES (@key, @id, @public, @at)",
            ("@key", enrolled.Key.KeyId), ("@id", enrolled.AgentId), ("@public", enrolled.Key.Spki.ToArray()), ("@at", enrolled.At.ToUnixTimeMilliseconds())),
        AgentChange.Revoked revoked => connection.Execute(
            "UPDATE agents SET revoked_at = @at WHERE key_id = @key", ("@key", revoked.KeyId), ("@at", revoked.At.ToUnixTimeMilliseconds())),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

internal abstract record AgentChange
{
    private AgentChange()
    {
    }

    public sealed record Enrolled(string AgentId, EvidencePublicKey Key, DateTimeOffset At) : AgentChange;

    public sealed record Revoked(string KeyId, DateTimeOffset At) : AgentChange;
}

internal static class AgentProjection
{
    public const string AgentPrefix = "agent:";

    public static string OriginOf(string agentId) => AgentPrefix + agentId;

    /// <returns>Null for entries that change no agent.</returns>
    public static AgentChange? Of(EvidenceEntry entry)
    {
        if (entry.Origin != EvidenceEntry.ServerOrigin || entry.Type is not (KeyRegistration.RegisterType or KeyRegistration.RetireType))
        {
            return null;
        }
        var registration = KeyRegistration.FromPayload(entry.Payload);
        if (!registration.Origin.StartsWith(AgentPrefix, StringComparison.Ordinal))
        {
            return null;
        }
        return entry.Type == KeyRegistration.RegisterType
            ? new AgentChange.Enrolled(registration.Origin[AgentPrefix.Length..], registration.Key, entry.RecordedAt)
            : new AgentChange.Revoked(registration.Key.KeyId, entry.RecordedAt);
    }
}
