using System.Text;

namespace BackupGuard.Evidence.Tests;

/// <summary>Signers, entries and logs for tests, with times and ids that follow from the counter.</summary>
internal sealed class Signer(string origin, EvidenceKey key)
{
    private long counter;
    private Hash256? previous;

    public string Origin { get; } = origin;
    public EvidenceKey Key { get; } = key;
    public string Application { get; init; } = "pharmacie";

    /// <summary>How wrong this signer's clock is.</summary>
    public TimeSpan ClockError { get; set; }
    public KeyRegistration Registration => new(Origin, Key.PublicKey);

    public EvidenceEntry Draft(string type, string payload, long? intent)
    {
        var at = Sample.Start.AddMinutes(counter) + ClockError;
        return new EvidenceEntry
        {
            Origin = Origin, KeyId = Key.PublicKey.KeyId, Counter = counter + 1, Previous = previous, Id = Guid.CreateVersion7(at), RecordedAt = at,
            Type = type, Application = Application, Intent = intent, SoftwareVersion = "1.0.0", Payload = Encoding.UTF8.GetBytes(payload),
        };
    }

    /// <summary>Another machine with the same key and the same past.</summary>
    public Signer Twin() => new(Origin, Key) { Application = Application, counter = counter, previous = previous };

    public VerifiedEntry Sign(string type, string payload, long? intent = null)
    {
        var entry = Draft(type, payload, intent).Sign(Key);
        counter++;
        previous = entry.Hash;
        return entry;
    }
}

internal static class Sample
{
    public const string LogOrigin = "backupguard.example/log";
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    public static StoredRecord Stored(VerifiedEntry entry, long index) => new(index, entry.Bytes, entry.Signature);

    public static string Codes(this LogReport report) => string.Join(' ', report.Problems.Select(p => p.Code));
}

/// <summary>A log with a server and two agents, and checkpoints on the way.</summary>
/// <param name="serverKey">Null: a new one.</param>
internal sealed class SampleLog(EvidenceKey? serverKey = null)
{
    private readonly TreeInMemory tree = new();

    public ITreeReader Tree => tree;

    public Signer Server { get; } = new("server", serverKey ?? EvidenceKey.Generate()) { Application = "" };
    public Signer Pharmacy { get; } = new("agent:pharmacie", EvidenceKey.Generate());
    public Signer Imaging { get; } = new("agent:imagerie", EvidenceKey.Generate()) { Application = "imagerie" };
    public List<StoredRecord> Records { get; } = [];
    public List<ReadOnlyMemory<byte>> Checkpoints { get; } = [];

    public NoteKey LogKey => new(Sample.LogOrigin, Server.Key.PublicKey);

    public static SampleLog Filled(EvidenceKey? serverKey = null)
    {
        var log = new SampleLog(serverKey);
        log.Register(log.Pharmacy);
        log.Register(log.Imaging);
        log.Seal();
        for (var i = 0; i < 4; i++)
        {
            foreach (var agent in new[] { log.Pharmacy, log.Imaging })
            {
                var intent = log.Add(agent.Sign("drill.intent", """{"drill":"base"}"""));
                log.Add(agent.Sign("drill.result", """{"verdict":"proved","measuredRtoSeconds":12.5}""", intent.Entry.Counter));
            }
            log.Seal();
        }
        return log;
    }

    public VerifiedEntry Add(VerifiedEntry entry)
    {
        AddRaw(entry.Bytes, entry.Signature);
        return entry;
    }

    /// <summary>What a server that wishes us ill can put into its own log.</summary>
    public void AddRaw(ReadOnlyMemory<byte> entry, ReadOnlyMemory<byte> signature)
    {
        Records.Add(new StoredRecord(Records.Count, entry, signature));
        tree.Append(MerkleTree.HashLeaf(entry.Span));
    }

    public VerifiedEntry Drill(Signer agent, string verdict = "proved")
    {
        var intent = Add(agent.Sign("drill.intent", """{"drill":"base"}"""));
        return Add(agent.Sign("drill.result", $$"""{"verdict":"{{verdict}}","measuredRtoSeconds":12.5}""", intent.Entry.Counter));
    }

    public void Register(Signer signer) => Add(Server.Sign("key.register", System.Text.Encoding.UTF8.GetString(signer.Registration.ToPayload())));

    public void Retire(Signer signer) => Add(Server.Sign("key.retire", System.Text.Encoding.UTF8.GetString(signer.Registration.ToPayload())));

    public void Seal() => Checkpoints.Add(new Checkpoint(Sample.LogOrigin, tree.Size, tree.Root()).Sign(Server.Key));

    public LogReport Verify() => Verify(Records);

    public LogReport Verify(IEnumerable<StoredRecord> records) => LogVerifier.Verify(records, Checkpoints, Trust, verified: null);

    public LogTrust Trust => new() { LogKey = LogKey, Keys = [Server.Registration], Now = Sample.Start.AddHours(1) };
}
