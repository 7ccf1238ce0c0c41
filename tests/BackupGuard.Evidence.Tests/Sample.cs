using System.Text;

namespace BackupGuard.Evidence.Tests;

/// <summary>Signers, entries and logs for tests, with times and ids that follow from the counter.</summary>
internal sealed class Signer(string origin, EvidenceKey key)
{
    private long counter;
    private Hash256? previous;

    public string Origin { get; } = origin;
    public EvidenceKey Key { get; } = key;
    public KeyRegistration Registration => new(Origin, Key.PublicKey);

    public EvidenceEntry Draft(string type, string payload, long? intent)
    {
        var at = Sample.Start.AddMinutes(counter);
        return new EvidenceEntry
        {
            Origin = Origin, KeyId = Key.PublicKey.KeyId, Counter = counter + 1, Previous = previous, Id = Guid.CreateVersion7(at), RecordedAt = at,
            Type = type, Application = "pharmacie", Intent = intent, SoftwareVersion = "1.0.0", Payload = Encoding.UTF8.GetBytes(payload),
        };
    }

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
internal sealed class SampleLog
{
    private readonly MerkleFrontier tree = new();

    public Signer Server { get; } = new("server", EvidenceKey.Generate());
    public Signer Pharmacy { get; } = new("agent:pharmacie", EvidenceKey.Generate());
    public Signer Imaging { get; } = new("agent:imagerie", EvidenceKey.Generate());
    public List<StoredRecord> Records { get; } = [];
    public List<ReadOnlyMemory<byte>> Checkpoints { get; } = [];

    public NoteKey LogKey => new(Sample.LogOrigin, Server.Key.PublicKey);

    public static SampleLog Filled()
    {
        var log = new SampleLog();
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
        Records.Add(Sample.Stored(entry, Records.Count));
        tree.Append(MerkleTree.HashLeaf(entry.Bytes.Span));
        return entry;
    }

    public void Register(Signer signer) => Add(Server.Sign("key.register", System.Text.Encoding.UTF8.GetString(signer.Registration.ToPayload())));

    public void Retire(Signer signer) => Add(Server.Sign("key.retire", System.Text.Encoding.UTF8.GetString(signer.Registration.ToPayload())));

    public void Seal() => Checkpoints.Add(new Checkpoint(Sample.LogOrigin, tree.Size, tree.Root()).Sign(Server.Key));

    public LogReport Verify() => Verify(Records);

    public LogReport Verify(IEnumerable<StoredRecord> records) => LogVerifier.Verify(records, Checkpoints, Trust, verified: null);

    public LogTrust Trust => new() { LogKey = LogKey, Keys = [Server.Registration], Now = Sample.Start.AddHours(1) };
}
