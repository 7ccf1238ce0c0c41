using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Verification.Drills.Contents.Hl7;

/// <summary>Reads the files of an <see cref="Hl7Probe"/> and counts their messages by type.</summary>
public sealed class Hl7Probes(TimeProvider clock) : IProbeRunner
{
    private const int MostTypes = 100;

    public bool CanRun(Probe probe) => probe is Hl7Probe;

    public Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var hl7 = (Hl7Probe)probe;
        var types = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var (seen, messages, repeated) = (new HashSet<ulong>(), 0L, 0L);
        var review = FileReview.Of(scene, hl7.Glob, "HL7 v2", hl7.Timeout, clock, (_, stream) => messages += Hl7Reader.Read(stream, message =>
        {
            if (!seen.Add(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.Latin1.GetBytes(message.Sender))))) repeated++;
            foreach (var type in (ReadOnlySpan<string>)(message.Type.Length > 3 ? [message.Type[..3], message.Type] : [message.Type]))
                if (types.Count < MostTypes || types.ContainsKey(type)) types[type] = types.GetValueOrDefault(type) + 1;
        }, cancellationToken), cancellationToken);
        var measures = new Dictionary<string, double> { ["files"] = review.Files, ["messages"] = messages, ["repeated"] = repeated };
        foreach (var (type, number) in types) measures[type] = number;
        return Task.FromResult(review.Answer(ContentProbe.Listed(measures), hl7.TooFew(measures) ?? Repeated(hl7, repeated), measures));
    }

    private static Said? Repeated(Hl7Probe probe, long repeated) => probe.UniqueIds && repeated > 0
        ? new($"{repeated} messages have the control id of another", $"{repeated} messages ont l’identifiant d’un autre")
        : null;

    /// <summary>Text that is cut is text still: the header of the first message goes.</summary>
    public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) => Task.FromResult(FileReview.CutOne(scene, ((Hl7Probe)probe).Glob, length => Math.Min(length, 6)));
}
