using BackupGuard.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Persistence;

internal static class PersistenceServices
{
    public static void AddPersistence(this IServiceCollection services, DataFolder data)
    {
        services.AddSingleton(data);
        // A factory, so that the container closes it.
        var database = DatabaseEngine.Of(data);
        services.AddSingleton(_ => database);
        services.AddSingleton(p => ServerIdentity.LoadOrCreate(data, p.GetRequiredService<DatabaseEngine>()));
        services.AddSingleton<EvidenceLog>().AddSingleton<IEvidenceLog>(p => p.GetRequiredService<EvidenceLog>());
        database.AddContext(services);
    }

    /// <summary>Brings the database to this version. Whoever calls it holds <see cref="DatabaseEngine.LockStartAsync"/>.</summary>
    public static async Task MigrateAsync(this IServiceProvider services, CancellationToken stop)
    {
        services.GetRequiredService<DatabaseEngine>().Prepare();
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ServerDatabase>().Database.MigrateAsync(stop);
    }
}

/// <summary>What the short-lived verbs need of the server: its database, without its web part.</summary>
internal static class DatabaseServices
{
    public static async Task<ServiceProvider> OpenAsync(DataFolder data, CancellationToken stop, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton(TimeProvider.System).AddPersistence(data);
        more?.Invoke(services);
        var provider = services.BuildServiceProvider();
        try
        {
            await using var alone = await provider.GetRequiredService<DatabaseEngine>().LockStartAsync(stop);
            await provider.MigrateAsync(stop);
            return provider;
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }
}
