using System.CommandLine;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Fleet;

internal static class AgentVerbs
{
    public static readonly TimeSpan TokenValidFor = TimeSpan.FromMinutes(15);

    public static Command Create() => new("agents", "Machines that send evidence.") { Token(), Revoke() };

    private static Command Token()
    {
        var data = CommandLine.DataOption();
        var verb = new Command("token", "Prints a token that enrols one agent, within 15 minutes.") { data };
        verb.SetAction(async (parsed, stop) =>
        {
            await using var services = await DatabaseServices.OpenAsync(DataFolder.OpenExisting(parsed.GetRequiredValue(data)), stop);
            Console.WriteLine(await IssueTokenAsync(services, stop));
            return 0;
        });
        return verb;
    }

    private static Command Revoke()
    {
        var name = new Argument<string>("name") { Description = "The agent." };
        var data = CommandLine.DataOption();
        var verb = new Command("revoke", "Ends the trust in an agent's key; what it proved before stays.") { name, data };
        verb.SetAction(async (parsed, stop) =>
        {
            await using var services = await DatabaseServices.OpenAsync(DataFolder.OpenExisting(parsed.GetRequiredValue(data)), stop);
            var agent = parsed.GetRequiredValue(name);
            if (!await RevokeAsync(services.GetRequiredService<EvidenceLog>(), agent))
            {
                throw new UsageException($"No agent is enrolled as '{agent}'.");
            }
            Console.WriteLine($"The key of {agent} is revoked.");
            return 0;
        });
        return verb;
    }

    internal static async Task<string> IssueTokenAsync(IServiceProvider services, CancellationToken stop)
    {
        await using var scope = services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ServerDatabase>();
        var secret = Secrets.Create();
        database.EnrolmentTokens.Add(new EnrolmentToken { Hash = Secrets.Hash(secret), ExpiresAt = services.GetRequiredService<TimeProvider>().GetUtcNow() + TokenValidFor });
        await database.SaveChangesAsync(stop);
        return secret;
    }

    /// <returns>False when no key is in force under that name.</returns>
    internal static Task<bool> RevokeAsync(EvidenceLog log, string agentId) => log.WriteAsync(writer =>
    {
        if (writer.Connection.Scalar("SELECT public_key FROM agents WHERE id = @id AND revoked_at IS NULL", ("@id", agentId)) is not byte[] key)
        {
            return false;
        }
        writer.AppendOwn(new NewEntry(KeyRegistration.RetireType, "", new KeyRegistration(AgentProjection.OriginOf(agentId), EvidencePublicKey.FromSpki(key)).ToPayload()));
        return true;
    });
}
