using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using BackupGuard.Contracts;
using BackupGuard.Evidence;

namespace BackupGuard.Server.Tests.Support;

/// <summary>Signs entries as an agent does, and sends them.</summary>
internal sealed class TestAgent(string name) : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 21, 0, 0, TimeSpan.Zero);
    private Hash256? last;
    private long counter;

    public static TestAgent Named(string name) => new(name);

    public string Name { get; } = name;

    public EvidenceKey Key { get; } = EvidenceKey.Generate();

    public string Path => $"/api/v1/agents/{Name}/evidence";

    /// <summary>How far this agent's clock has gone on.</summary>
    public TimeSpan Later { get; set; }

    /// <summary>The next entry of the chain.</summary>
    public SignedEntry Next(string type = "agent.start", string application = "", string payload = "{}", long? intent = null)
    {
        var entry = Sign(type, application, payload, intent, counter + 1, last);
        Follow(entry);
        return Wire(entry);
    }

    public VerifiedEntry Sign(string type, string application, string payload, long? intent, long number, Hash256? previous, string? origin = null, EvidenceKey? key = null) => new EvidenceEntry
    {
        Origin = origin ?? $"agent:{Name}",
        KeyId = (key ?? Key).PublicKey.KeyId,
        Counter = number,
        Previous = previous,
        Id = Guid.CreateVersion7(Start),
        RecordedAt = Start.AddSeconds(number) + Later,
        Type = type,
        Application = application,
        Intent = intent,
        SoftwareVersion = "1.0.0",
        Payload = Encoding.UTF8.GetBytes(payload),
    }.Sign(key ?? Key);

    public void Follow(VerifiedEntry entry) => (counter, last) = (entry.Entry.Counter, entry.Hash);

    public (long Counter, Hash256? Last) State => (counter, last);

    public static SignedEntry Wire(VerifiedEntry entry) => new(entry.Entry.Counter, Convert.ToBase64String(entry.Bytes.Span), Convert.ToBase64String(entry.Signature.Span));

    public async Task EnrolAsync(TestServer server, HttpClient client)
    {
        using var answer = await AskToEnrolAsync(client, await server.TokenAsync());
        answer.EnsureSuccessStatusCode();
    }

    public Task<HttpResponseMessage> AskToEnrolAsync(HttpClient client, string token) => client.PostAsJsonAsync(
        "/api/v1/agents/enrol", new EnrolRequest(token, Name, Convert.ToBase64String(Key.PublicKey.Spki.Span), "1.0.0"), WireJson.Default.EnrolRequest);

    public Task<HttpResponseMessage> PostAsync(HttpClient client, params SignedEntry[] entries) =>
        client.PostAsJsonAsync(Path, new EvidenceBatch(entries), WireJson.Default.EvidenceBatch);

    public async Task<IReadOnlyList<EntryReceipt>> SendAsync(HttpClient client, params SignedEntry[] entries)
    {
        using var answer = await PostAsync(client, entries);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(WireJson.Default.EvidenceReceipt))!.Entries; // a receipt is never JSON null
    }

    public HttpClient TlsClient(Uri url)
    {
        using var ecdsa = Key.ToECDsa();
        var request = new CertificateRequest($"CN={Name}", ecdsa, HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return TlsClient(url, certificate);
    }

    public static HttpClient TlsClient(Uri url, X509Certificate2? certificate)
    {
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        if (certificate is not null)
        {
            handler.ClientCertificates.Add(certificate);
        }
        return new HttpClient(handler) { BaseAddress = url };
    }

    public static string Verification(string verdict = "proved") => JsonSerializer.Serialize(new VerifyDocument
    {
        Repository = "restic:/srv/backup",
        Verdict = verdict,
        StartedAt = Start,
        DurationSeconds = 12.5,
        Coverage = 0.75,
        Findings = verdict == "failed" ? [new("BG1042", "error", "data/ab", "A pack is missing.", "Restore it.") { MessageFr = "Un paquet manque." }] : [],
    }, DocumentJson.Default.VerifyDocument);

    public static string Drill(string verdict = "proved") => JsonSerializer.Serialize(new DrillDocument
    {
        Drill = "dpi-weekly",
        DefinitionHash = new string('a', 64),
        Application = "dpi",
        Repository = "restic:/srv/backup",
        Verdict = verdict,
        StartedAt = Start,
        DurationSeconds = 600,
        MeasuredRtoSeconds = verdict == "proved" ? 600 : null,
        MeasuredRpoSeconds = 3600,
        Files = 10,
        Control = verdict == "proved" ? new NegativeControlDocument(true, [new ControlStepDocument("count", "10 entries deleted", "failed", "0 files")]) : null,
        CleanedUp = true,
    }, DocumentJson.Default.DrillDocument);

    public void Dispose() => Key.Dispose();
}
