namespace BackupGuard.Verification.Drills.Engines.Postgres;

/// <summary>Starts a throw-away PostgreSQL cluster from restored files, and asks it whether it is whole. See README.md.</summary>
public sealed class PostgresRunner(TimeProvider clock) : IProbeRunner
{
    public bool CanRun(Probe probe) => probe is PostgresEngine;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (PostgresEngine)probe;
        await scene.Services.StopAsync(engine.Service);
        var room = await scene.Room(cancellationToken);
        return engine.Source == PostgresSource.Base
            ? await new BaseBackupDrill(engine, scene, room, clock).RunAsync(cancellationToken)
            : await new DumpDrill(engine, scene, room, clock).RunAsync(cancellationToken);
    }

    /// <summary>The first block of every table and index of every database, or the second half of a dump.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (PostgresEngine)probe;
        await scene.Services.StopAsync(engine.Service);
        if (scene.Damage is not { } damage) return null;
        return engine.Source == PostgresSource.Base ? BaseBackupDrill.Spoil(engine, scene, damage) : DumpDrill.Spoil(engine, scene, damage);
    }
}
