using System.CommandLine;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Features.Fleet;

internal static class AgentVerbs
{
    public static readonly TimeSpan TokenValidFor = TimeSpan.FromMinutes(15);

    public static Command Create()
    {
        var data = CommandLine.DataOption();
        var token = new Command("token", "Prints a token that enrols one agent, within 15 minutes.") { data };
        token.SetAction((parsed, stop) => IssueTokenAsync(DataFolder.OpenOrCreate(parsed.GetRequiredValue(data)), Console.Out, TimeProvider.System, stop));
        return new Command("agents", "Machines that send evidence.") { token };
    }

    internal static async Task<int> IssueTokenAsync(DataFolder data, TextWriter output, TimeProvider clock, CancellationToken stop)
    {
        var services = new ServiceCollection();
        services.AddPersistence(data);
        await using var provider = services.BuildServiceProvider();
        await provider.MigrateAsync(stop);
        await using var scope = provider.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<ServerDatabase>();
        var secret = Secrets.Create();
        database.EnrolmentTokens.Add(new EnrolmentToken { Hash = Secrets.Hash(secret), ExpiresAt = clock.GetUtcNow() + TokenValidFor });
        await database.SaveChangesAsync(stop);
        await output.WriteLineAsync(secret);
        return 0;
    }
}
