using BackupGuard.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Persistence;

internal static class PersistenceServices
{
    public static void AddPersistence(this IServiceCollection services, DataFolder data)
    {
        var file = new SqliteFile(data);
        services.AddSingleton(data).AddSingleton(file);
        services.AddSingleton(_ => ServerIdentity.LoadOrCreate(data, file));
        services.AddSingleton<EvidenceLog>().AddSingleton<IEvidenceLog>(p => p.GetRequiredService<EvidenceLog>());
        services.AddDbContext<ServerDatabase>(options => options.UseSqlite(file.ConnectionString).AddInterceptors(file));
    }

    public static async Task MigrateAsync(this IServiceProvider services, CancellationToken stop)
    {
        services.GetRequiredService<SqliteFile>().Create();
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
        await provider.MigrateAsync(stop);
        return provider;
    }
}
