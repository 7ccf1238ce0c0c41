using BackupGuard.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Persistence;

internal static class PersistenceServices
{
    public static void AddPersistence(this IServiceCollection services, DataFolder data)
    {
        var file = new SqliteFile(data);
        services.AddSingleton(data).AddSingleton(file);
        services.AddDbContext<ServerDatabase>(options => options.UseSqlite(file.ConnectionString).AddInterceptors(file));
    }

    public static async Task MigrateAsync(this IServiceProvider services, CancellationToken stop)
    {
        services.GetRequiredService<DataFolder>().CreateDatabaseFile();
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ServerDatabase>().Database.MigrateAsync(stop);
    }
}
