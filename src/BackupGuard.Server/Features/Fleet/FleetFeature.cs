using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BackupGuard.Contracts;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Features.Fleet;

/// <summary>The API for agents. Codes BG211x: who the agent is; BG20xx (in receipts): what it sent.</summary>
internal static class FleetFeature
{
    private const int MaxEntries = 1000;

    public static void AddFleet(this IServiceCollection services) => services.AddSingleton<Enrolment>();

    public static void MapFleet(this IEndpointRouteBuilder routes)
    {
        // Agents are no persons: a token, then their key, says who they are.
        var agents = routes.MapGroup("/api/v1/agents").AllowAnonymous();
        agents.MapPost("/enrol", EnrolAsync).RequireRateLimiting(RequestLimits.SecretPolicy);
        agents.MapPost("/{agentId}/evidence", TakeEvidenceAsync);
    }

    private static async Task<IResult> EnrolAsync(HttpContext context, Enrolment enrolment, CancellationToken stop)
    {
        if (await ReadAsync(context, WireJson.Default.EnrolRequest, stop) is not { } request)
        {
            return Unreadable();
        }
        return await enrolment.EnrolAsync(request, context.Connection.ClientCertificate?.PublicKey.ExportSubjectPublicKeyInfo()) switch
        {
            EnrolResult.Enrolled enrolled => Results.Json(enrolled.Response, WireJson.Default.EnrolResponse),
            EnrolResult.Refused refused => Problems.Of(refused.Status, refused.Code, "Enrolment refused", refused.Detail),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static async Task<IResult> TakeEvidenceAsync(string agentId, HttpContext context, ServerDatabase database, IEvidenceLog log, CancellationToken stop)
    {
        var keys = await database.Agents.AsNoTracking().Where(a => a.Id == agentId).ToListAsync(stop);
        if (keys.Count == 0)
        {
            return Problems.Of(404, "BG2115", "Unknown agent", $"No agent is enrolled as '{agentId}'. Enrol it with a token from backupguard-server agents token.");
        }
        if (keys.SingleOrDefault(k => k.RevokedAt is null) is not { } agent)
        {
            return Revoked(agentId);
        }
        if (context.Request.IsHttps && !IsKeyOf(context.Connection.ClientCertificate, agent))
        {
            return Problems.Of(403, "BG2117", "Client certificate refused", $"The connection does not carry a certificate over the key with which '{agentId}' was enrolled.");
        }
        // The serializer does not enforce that the items of a list are not null.
        if (await ReadAsync(context, WireJson.Default.EvidenceBatch, stop) is not { } batch || batch.Entries.Any(e => e is null))
        {
            return Unreadable();
        }
        if (batch.Entries.Count is 0 or > MaxEntries)
        {
            return Problems.Of(400, "BG2103", "Batch size", $"A batch holds 1 to {MaxEntries} entries; this one holds {batch.Entries.Count}. Send them in smaller batches.");
        }
        // No token: once begun, the append is finished and committed before the answer, even when the connection is gone.
        return await log.AppendAgentEntriesAsync(agent, batch) is { } receipt ? Results.Json(receipt, WireJson.Default.EvidenceReceipt) : Revoked(agentId);
    }

    private static IResult Revoked(string agentId) =>
        Problems.Of(403, "BG2116", "Agent revoked", $"The key of '{agentId}' was revoked; nothing that it sends counts. Enrol the machine anew if it is trusted again.");

    private static bool IsKeyOf(X509Certificate2? certificate, AgentRow agent) =>
        certificate is not null && certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(agent.PublicKey);

    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, stop);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IResult Unreadable() => Problems.Of(400, "BG2102", "Unreadable request", "The body is not the JSON document that this address expects. Nothing was changed.");
}
