namespace BackupGuard.Verification.Drills;

/// <summary>What a question may look at.</summary>
/// <param name="Files">Regular files found in the sandbox.</param>
public sealed record ProbeScene(DateTimeOffset StartedAt, IRestoredFiles Restored, long Files, long Bytes)
{
    /// <summary>See <see cref="IDrillSandbox.RoomAsync"/>.</summary>
    public Func<CancellationToken, ValueTask<IDrillRoom>> Room { get; init; } = _ => throw new SandboxException("this sandbox has no room for processes");

    /// <summary>What engines have started.</summary>
    public Services Services { get; } = new();

    /// <summary>What a question counted in the last proved drill of that name: the question's name and the measure's, or null.</summary>
    public Func<string, string, double?> LastProved { get; init; } = (_, _) => null;

    /// <summary>What was restored; null where the backup does not say.</summary>
    public SnapshotSummary? Snapshot { get; init; }

    /// <summary>See <see cref="IDrillSandbox.Damage"/>.</summary>
    public IDamage? Damage { get; init; }

    /// <summary>Empties every restored file: for questions of which nobody knows what they look at.</summary>
    /// <returns>How many; null where nothing can be damaged.</returns>
    public int? EmptyAll(CancellationToken cancellationToken)
    {
        if (Damage is null) return null;
        var emptied = 0;
        foreach (var entry in Restored.List().Where(e => e.Kind == RestoredKind.File).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!RestoredPath.TryParse(entry.Path, out var path, out _)) continue;
            using (var stream = Damage.OpenWrite(path)) stream.SetLength(0);
            emptied++;
        }
        return emptied;
    }
}

/// <summary>What engines have started and later questions talk to. Ended newest first.</summary>
public sealed class Services
{
    private readonly List<(string Name, object Service, Func<ValueTask> Stop)> _running = [];
    private readonly HashSet<string> _started = new(StringComparer.Ordinal);

    /// <summary>The newest that runs; null when none does.</summary>
    public string? Newest => _running is [.., var (name, _, _)] ? name : null;

    /// <summary>Whether it ran at some time, even if it was stopped; whether anything did, if no name is given.</summary>
    /// <remarks>Who does not answer although it was started gave a bad answer; of who was never started nothing is known.</remarks>
    public bool WasStarted(string? name = null) => name is null ? _started.Count > 0 : _started.Contains(name);

    /// <param name="stop">MUST NOT throw but for <see cref="SandboxException"/>.</param>
    public void Add(string name, object service, Func<ValueTask> stop)
    {
        _started.Add(name);
        _running.Add((name, service, stop));
    }

    /// <summary>The newest that is of this kind; of that name, if one is given.</summary>
    public T? Find<T>(string? name = null) where T : class =>
        _running.LastOrDefault(r => r.Service is T && (name is null || r.Name == name)).Service as T;

    /// <summary>Ends it, if it runs.</summary>
    public async ValueTask StopAsync(string name)
    {
        if (_running.FindLastIndex(r => r.Name == name) is var at and >= 0)
        {
            var stop = _running[at].Stop;
            _running.RemoveAt(at);
            await stop();
        }
    }

    /// <summary>Ends all of them; what cannot be ended ends with the room.</summary>
    public async ValueTask StopAllAsync()
    {
        while (_running is [.., var (name, _, _)])
            try
            {
                await StopAsync(name);
            }
            catch (SandboxException)
            {
                // The room's end takes it along.
            }
    }
}

/// <summary>Damages restored files, for the negative control. The copy is thrown away afterwards.</summary>
/// <remarks>MUST stay inside the restored folder and MUST NOT follow links. Every failure MUST be a <see cref="SandboxException"/>.</remarks>
public interface IDamage
{
    /// <summary>A folder goes with all that is in it; what is not there is not missed.</summary>
    void Delete(RestoredPath path);

    /// <summary>A seekable stream that can be read, written and shortened.</summary>
    Stream OpenWrite(RestoredPath path);
    void SetModified(RestoredPath path, DateTimeOffset at);
}
