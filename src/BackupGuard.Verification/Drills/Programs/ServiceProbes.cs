using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Drills.Programs;

/// <summary>Asks what was started, over the room's own loopback.</summary>
/// <remarks>Who was started and does not answer gave a bad answer. Where nothing was started, nothing is known.</remarks>
public sealed class ServiceProbes : IProbeRunner
{
    private const int MostAnswerBytes = 4 << 20;

    public bool CanRun(Probe probe) => probe is TcpProbe or HttpProbe or PageProbe;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var asked = (ServiceProbe)probe;
        if (!scene.Services.WasStarted(asked.Service))
            return new(Verdict.Inconclusive, new("no earlier step started what it asks", "aucune étape précédente n’a démarré ce qu’elle interroge"));
        var room = await scene.Room(cancellationToken);
        if (!await Port.IsOpenAsync(room, asked.Port, asked.Timeout, cancellationToken))
            return new(Verdict.Failed, new($"nothing listens on port {asked.Port}", $"rien n’écoute sur le port {asked.Port}"));
        return asked switch
        {
            HttpProbe http => await AskAsync(http, room, cancellationToken),
            PageProbe page => await Browser.ShowAsync(page, room, cancellationToken),
            _ => new(Verdict.Proved, new($"port {asked.Port} takes connections", $"le port {asked.Port} accepte les connexions")),
        };
    }

    /// <summary>Without what it asks, it has no answer.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        if ((((ServiceProbe)probe).Service ?? scene.Services.Newest) is not { } service) return scene.Services.WasStarted() ? Stopped : null;
        await scene.Services.StopAsync(service);
        return Stopped;
    }

    private static Said Stopped => new("the service stopped", "le service arrêté");

    private static async Task<ProbeAnswer> AskAsync(HttpProbe probe, IDrillRoom room, CancellationToken cancellationToken)
    {
        // Version 1.0: the answer comes in one piece and ends with the connection.
        var question = Encoding.ASCII.GetBytes($"GET {probe.Path} HTTP/1.0\r\nHost: {probe.Host}\r\nUser-Agent: BackupGuard\r\nAccept: */*\r\nConnection: close\r\n\r\n");
        var end = await Port.AskAsync(room, probe.Port, question, MostAnswerBytes, probe.Timeout, cancellationToken);
        if (end.TimedOut) throw new SandboxException(string.Create(CultureInfo.InvariantCulture, $"the answer did not end within {probe.Timeout.TotalSeconds:0} s"));
        return Judge(probe, end.Output);
    }

    internal static ProbeAnswer Judge(HttpProbe probe, byte[] answer)
    {
        var head = Encoding.Latin1.GetString(answer.AsSpan(0, Math.Min(answer.Length, 15)));
        if (!head.StartsWith("HTTP/1.", StringComparison.Ordinal) || head.Length < 12 || !int.TryParse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            return new(Verdict.Failed, new("what came back is no HTTP", "ce qui est revenu n’est pas du HTTP"));
        if (status != probe.Status) return new(Verdict.Failed, new($"status {status}, expected {probe.Status}", $"statut {status}, attendu {probe.Status}"));
        var body = answer.AsSpan().IndexOf("\r\n\r\n"u8) is var at and >= 0 ? answer.AsSpan(at + 4) : [];
        if (probe.Contains is { } text && body.IndexOf(Encoding.UTF8.GetBytes(text)) < 0)
            return new(Verdict.Failed, new("the expected text is not in the answer", "le texte attendu n’est pas dans la réponse"));
        return new(Verdict.Proved, new($"status {status}, {body.Length} bytes", $"statut {status}, {body.Length} octets"));
    }
}
