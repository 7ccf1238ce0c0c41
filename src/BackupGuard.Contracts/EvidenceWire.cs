using System.Text.Json.Serialization;

namespace BackupGuard.Contracts;

/// <summary>POST /api/v1/agents/enrol: an agent makes itself known with a one-time token.</summary>
/// <param name="PublicKey">DER SubjectPublicKeyInfo of the agent's ECDSA P-256 key, base64.</param>
public sealed record EnrolRequest(string Token, string AgentName, string PublicKey, string SoftwareVersion);

/// <param name="AgentId">The name under which the server keeps this agent's entries.</param>
/// <param name="Establishment">The hospital's name, for people.</param>
public sealed record EnrolResponse(string AgentId, string Establishment);

/// <summary>POST /api/v1/agents/{agentId}/evidence: entries in the order of their counters, exactly as they were signed.</summary>
public sealed record EvidenceBatch(IReadOnlyList<SignedEntry> Entries);

/// <param name="Counter">The agent's own counter, 1, 2, 3…</param>
/// <param name="Entry">The canonical bytes, base64.</param>
/// <param name="Signature">ECDSA P-256 over SHA-256 of those bytes, DER (RFC 3279), base64.</param>
public sealed record SignedEntry(long Counter, string Entry, string Signature);

/// <summary>What became of each entry. An entry that is not listed as accepted or duplicate MUST be kept by the agent.</summary>
public sealed record EvidenceReceipt(IReadOnlyList<EntryReceipt> Entries);

/// <param name="Outcome">accepted, duplicate (the same bytes were here already) or refused.</param>
/// <param name="Sequence">Index in the server's log for accepted and duplicate.</param>
/// <param name="Code">Why it was refused (BG20xx), or null.</param>
public sealed record EntryReceipt(long Counter, string Outcome, long? Sequence, string? Code, string? Message);

/// <summary>RFC 9457 problem details with our code.</summary>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Code);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EnrolRequest))]
[JsonSerializable(typeof(EnrolResponse))]
[JsonSerializable(typeof(EvidenceBatch))]
[JsonSerializable(typeof(EvidenceReceipt))]
[JsonSerializable(typeof(Problem))]
public sealed partial class WireJson : JsonSerializerContext;
