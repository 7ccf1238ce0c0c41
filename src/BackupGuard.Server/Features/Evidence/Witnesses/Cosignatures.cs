using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Witnesses;

/// <summary>What a witness last vouched for.</summary>
/// <param name="Size">Null: nothing that is still among the newest checkpoints.</param>
public sealed record WitnessStanding(string Name, long? Size, DateTimeOffset? At)
{
    /// <summary>A log that nobody outside has seen for so long can be rewritten so far back.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(24);

    public bool IsLate(DateTimeOffset now) => At is not { } at || now - at > Patience;
}

/// <summary>Lines of witnesses, kept below the checkpoint that they vouch for: whoever reads the checkpoint has them too.</summary>
internal sealed class Cosignatures(DatabaseEngine database, ServerSettings settings)
{
    /// <summary>How many of the newest checkpoints are looked through.</summary>
    private const int Newest = 2000;

    /// <summary>The witnesses of the policy whose cosignatures can be judged.</summary>
    public IReadOnlyList<(PolicyWitness Witness, CosignatureKey Key)> Known { get; } =
        [.. (settings.Policy?.Witnesses ?? []).Select(w => (w, Key: CosignatureKey.Of(w.Key))).Where(w => w.Key is not null).Select(w => (w.w, w.Key!))];

    /// <summary>Keeps a line under the checkpoint of that size, if no line of that key is there yet.</summary>
    /// <exception cref="EvidenceException">The line does not match.</exception>
    public void Add(long size, CosignatureKey key, string line)
    {
        using var connection = database.Open();
        using var transaction = database.BeginAppend(connection);
        if (connection.Scalar("SELECT note FROM checkpoints WHERE size = @size", ("@size", size)) is not byte[] note) return;
        if (Cosignature.Verify(SignedNote.Parse(note), key) is not null) return;
        var cosigned = Cosignature.Add(note, [line]);
        if (Cosignature.Verify(SignedNote.Parse(cosigned), key) is null) throw new EvidenceException(EvidenceProblems.CosignatureWrong.At("the checkpoint", ("key", $"{key.Name}+{key.KeyId}")));
        connection.Execute("UPDATE checkpoints SET note = @note WHERE size = @size", ("@note", cosigned), ("@size", size));
        transaction.Commit();
    }

    /// <summary>For each witness the largest checkpoint that it has vouched for.</summary>
    public IReadOnlyList<WitnessStanding> Standing()
    {
        if (Known.Count == 0) return [];
        var found = new Dictionary<string, WitnessStanding>(StringComparer.Ordinal);
        using var connection = database.Open();
        using var command = connection.Command("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT @newest", ("@newest", Newest));
        using var rows = command.ExecuteReader();
        while (found.Count < Known.Count && rows.Read())
        {
            var bytes = rows.Blob(1);
            // Most have one line; only those with more are taken apart.
            if (Encoding.UTF8.GetString(bytes).AsSpan().Count("\n\u2014 ") < 2) continue;
            var note = SignedNote.Parse(bytes);
            foreach (var (witness, key) in Known.Where(k => !found.ContainsKey(k.Witness.Name)))
                if (Vouched(note, key) is { } at) found.Add(witness.Name, new WitnessStanding(witness.Name, rows.GetInt64(0), at));
        }
        return [.. Known.Select(k => found.GetValueOrDefault(k.Witness.Name) ?? new WitnessStanding(k.Witness.Name, null, null))];
    }

    // A line that was damaged in the database vouches for nothing; fsck and auditors name it.
    private static DateTimeOffset? Vouched(SignedNote note, CosignatureKey key)
    {
        try
        {
            return Cosignature.Verify(note, key);
        }
        catch (EvidenceException)
        {
            return null;
        }
    }
}
