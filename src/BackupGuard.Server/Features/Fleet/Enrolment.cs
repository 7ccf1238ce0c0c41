using System.Security.Cryptography;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Fleet;

internal abstract record EnrolResult
{
    private EnrolResult()
    {
    }

    public sealed record Enrolled(EnrolResponse Response) : EnrolResult;

    public sealed record Refused(int Status, string Code, string Detail) : EnrolResult;
}

/// <summary>Makes an agent's key known. The token is spent in the transaction that writes the registration: neither is ever without the other.</summary>
internal sealed class Enrolment(EvidenceLog log, CatalogueSource catalogue, ILogger<Enrolment> logger)
{
    public async Task<EnrolResult> EnrolAsync(EnrolRequest request, byte[]? certificateKey)
    {
        if (!EvidenceEntry.IsAgentName(request.AgentName))
        {
            return new EnrolResult.Refused(400, "BG2111", "An agent's name has lower-case letters, digits, '.', '_' and '-', at most 63.");
        }
        if (ReadKey(request.PublicKey) is not { } key)
        {
            return new EnrolResult.Refused(400, "BG2113", "The public key is not a DER SubjectPublicKeyInfo of an ECDSA P-256 key in base64.");
        }
        if (certificateKey is not null && !certificateKey.AsSpan().SequenceEqual(key.Spki.Span))
        {
            return new EnrolResult.Refused(403, "BG2117", "The certificate of this connection is not over the key to be enrolled.");
        }
        var result = await log.WriteAsync(writer => Enrol(writer, Secrets.Hash(request.Token), request.AgentName, key));
        if (result is EnrolResult.Enrolled)
        {
            logger.AgentEnrolled(request.AgentName);
        }
        return result;
    }

    private EnrolResult Enrol(LogWriter writer, byte[] tokenHash, string name, EvidencePublicKey key)
    {
        var now = writer.Now.ToUnixTimeMilliseconds();
        var enrolled = new EnrolResult.Enrolled(new EnrolResponse(name, catalogue.Current.Catalogue?.Establishment ?? ""));
        var known = KeyInForce(writer, name);
        // The answer to the first attempt got lost: the same token and key get it again.
        if (known is not null && known.AsSpan().SequenceEqual(key.Spki.Span) && IsSpentToken(writer, tokenHash))
        {
            return enrolled;
        }
        if (writer.Connection.Scalar("SELECT 1 FROM enrolment_tokens WHERE hash = @hash AND used_at IS NULL AND expires_at > @now", ("@hash", tokenHash), ("@now", now)) is null)
        {
            return new EnrolResult.Refused(403, "BG2110", "This token is unknown, used or older than 15 minutes. Print a new one with backupguard-server agents token.");
        }
        if (known is not null)
        {
            return new EnrolResult.Refused(409, "BG2112", $"Another key is enrolled as '{name}'. Choose another name, or revoke that key first with backupguard-server agents revoke {name}.");
        }
        if (IsKeyIdTaken(writer, key))
        {
            return new EnrolResult.Refused(409, "BG2114", "A key with this id was enrolled before. Make a new key for this agent.");
        }
        writer.Connection.Execute("UPDATE enrolment_tokens SET used_at = @now WHERE hash = @hash", ("@hash", tokenHash), ("@now", now));
        writer.AppendOwn(new NewEntry(KeyRegistration.RegisterType, "", new KeyRegistration(AgentProjection.OriginOf(name), key).ToPayload()));
        return enrolled;
    }

    private static byte[]? KeyInForce(LogWriter writer, string name) =>
        writer.Connection.Scalar("SELECT public_key FROM agents WHERE id = @id AND revoked_at IS NULL", ("@id", name)) as byte[];

    private static bool IsSpentToken(LogWriter writer, byte[] tokenHash) =>
        writer.Connection.Scalar("SELECT 1 FROM enrolment_tokens WHERE hash = @hash AND used_at IS NOT NULL", ("@hash", tokenHash)) is not null;

    private static bool IsKeyIdTaken(LogWriter writer, EvidencePublicKey key) =>
        writer.Connection.Scalar("SELECT 1 FROM agents WHERE key_id = @key UNION SELECT 1 FROM entries WHERE key_id = @key LIMIT 1", ("@key", key.KeyId)) is not null;

    private static EvidencePublicKey? ReadKey(string base64)
    {
        try
        {
            return EvidencePublicKey.FromSpki(Convert.FromBase64String(base64));
        }
        catch (Exception e) when (e is FormatException or EvidenceException or CryptographicException)
        {
            return null;
        }
    }
}
