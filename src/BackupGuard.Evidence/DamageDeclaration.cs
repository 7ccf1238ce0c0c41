using System.Text.Json;

namespace BackupGuard.Evidence;

/// <summary>An agent's own word that entries of its spool were lost: type <c>spool.damage</c>, payload member <c>missing</c> (FORMAT.md, section 4).</summary>
public static class DamageDeclaration
{
    public const string Type = "spool.damage";

    /// <summary>The counters that the payload names; none when it names none in the form it must have.</summary>
    internal static IReadOnlySet<long> MissingFrom(ReadOnlyMemory<byte> payload)
    {
        var counters = new HashSet<long>();
        using var document = CanonicalJson.Parse(payload, "The payload");
        if (!document.RootElement.TryGetProperty("missing", out var missing) || missing.ValueKind != JsonValueKind.Array) return counters;
        foreach (var item in missing.EnumerateArray())
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var counter)) counters.Add(counter);
        return counters;
    }

    internal static bool Covers(IReadOnlySet<long> missing, long first, long last)
    {
        // Compared before counting: a gap may be far larger than anything that an entry can name.
        if (last - first >= missing.Count) return false;
        for (var counter = first; counter <= last; counter++)
            if (!missing.Contains(counter)) return false;
        return true;
    }
}
