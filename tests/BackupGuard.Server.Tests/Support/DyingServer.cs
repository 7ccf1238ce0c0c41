using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BackupGuard.Server.Tests.Support;

/// <summary>The server as a process that kills itself at its Nth durable write: an odd N just before the write is durable, an even one just after, before anybody is told.</summary>
internal static class DyingServer
{
    private const string TokenLine = "Token ";

    /// <summary>Starts it; the streams say where it listens and a token to enrol with, or end because it died.</summary>
    public static async Task<(Process Process, Uri? Url, string? Token)> StartAsync(string dataFolder, int at)
    {
        var program = typeof(DyingServer).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program, dataFolder, at.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        _ = process.StandardError.ReadToEndAsync();
        Uri? url = null;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
                url = new Uri(line["Listening on ".Length..]);
            }
            else if (line.StartsWith(TokenLine, StringComparison.Ordinal))
            {
                return (process, url, line[TokenLine.Length..]);
            }
        }
        await process.WaitForExitAsync();
        return (process, null, null);
    }

    private static async Task<int> Main(string[] args)
    {
        var deaths = new Death(int.Parse(args[1], CultureInfo.InvariantCulture));
        var settings = new ServerSettings(DataFolder.OpenOrCreate(args[0]), [Listener.Parse("http://127.0.0.1:0")]);
        await using var app = await ServerApp.StartAsync(settings, TimeProvider.System, Console.Out, CancellationToken.None, services => Count(services, deaths));
        Console.WriteLine(TokenLine + await AgentVerbs.IssueTokenAsync(app.Services, CancellationToken.None));
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static void Count(IServiceCollection services, Death death)
    {
        var inner = services.Last(s => s.ServiceType == typeof(DatabaseEngine)).ImplementationFactory!; // registered by a factory, see AddPersistence
        var key = services.Last(s => s.ServiceType == typeof(ServerIdentity)).ImplementationFactory!; // likewise
        services.AddSingleton<DatabaseEngine>(p => new DyingEngine((DatabaseEngine)inner(p), death));
        services.AddSingleton(p => death.Around(() => (ServerIdentity)key(p)));
        var commits = new DyingCommits(death);
        var saves = new DyingSaves(death);
        services.ConfigureDbContext<SqliteDatabase>(o => o.AddInterceptors(commits, saves));
        services.ConfigureDbContext<PostgresDatabase>(o => o.AddInterceptors(commits, saves));
    }

    private sealed class Death(int at)
    {
        private int count;

        public T Around<T>(Func<T> write)
        {
            Count();
            var result = write();
            Count();
            return result;
        }

        public void Count()
        {
            if (Interlocked.Increment(ref count) == at)
            {
                // SIGKILL: no handler runs, nothing is flushed, no connection is closed in an orderly way.
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }

    private sealed class DyingEngine(DatabaseEngine inner, Death death) : DatabaseEngine
    {
        public override string Place => inner.Place;
        public override void Prepare() => inner.Prepare();
        public override Task<IAsyncDisposable> LockStartAsync(CancellationToken stop) => inner.LockStartAsync(stop);
        public override DbConnection Open() => inner.Open();
        public override DbTransaction BeginAppend(DbConnection connection) => new DyingTransaction(inner.BeginAppend(connection), death);
        public override DbTransaction BeginSnapshot(DbConnection connection) => inner.BeginSnapshot(connection);
        public override string? FindDamage(DbConnection connection) => inner.FindDamage(connection);
        public override bool IsDamage(DbException error) => inner.IsDamage(error);
        public override void AddContext(IServiceCollection services) => inner.AddContext(services);
    }

    private sealed class DyingTransaction(DbTransaction inner, Death death) : DbTransaction
    {
        public override IsolationLevel IsolationLevel => inner.IsolationLevel;
        protected override DbConnection? DbConnection => inner.Connection;
        public override void Rollback() => inner.Rollback();

        public override void Commit() => death.Around(() =>
        {
            inner.Commit();
            return true;
        });

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }
            base.Dispose(disposing);
        }
    }

    private sealed class DyingCommits(Death death) : DbTransactionInterceptor
    {
        public override InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
        {
            death.Count();
            return result;
        }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            death.Count();
            return ValueTask.FromResult(result);
        }

        public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => death.Count();

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            death.Count();
            return Task.CompletedTask;
        }
    }

    // What is saved outside a transaction is one statement, and durable with it.
    private sealed class DyingSaves(Death death) : SaveChangesInterceptor
    {
        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            CountAlone(eventData);
            return ValueTask.FromResult(result);
        }

        public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            CountAlone(eventData);
            return ValueTask.FromResult(result);
        }

        private void CountAlone(DbContextEventData saved)
        {
            if (saved.Context?.Database.CurrentTransaction is null)
            {
                death.Count();
            }
        }
    }
}
