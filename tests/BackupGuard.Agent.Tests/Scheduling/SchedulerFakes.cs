using System.Globalization;
using System.Text;
using System.Text.Json;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Spool;
using BackupGuard.Verification;
using Calendar = BackupGuard.Agent.Scheduling.Calendar;

namespace BackupGuard.Agent.Tests.Scheduling;

/// <summary>The process dies here: whatever is thrown with it, nothing after it happens.</summary>
internal sealed class Killed : Exception;

internal sealed record Entry(long Counter, string Type, string Application, string Payload, long? Intent);

/// <summary>A spool in memory that outlives the "process", and can kill it before or after an entry.</summary>
internal sealed class FakeSpool : IEvidenceRecorder, IRecordedRuns
{
    public List<Entry> Entries { get; } = [];
    public string? KillBefore { get; set; }
    public string? KillAfter { get; set; }
    public bool IsFull { get; set; }

    public long Record(string type, string application, ReadOnlyMemory<byte> payload, long? intent)
    {
        if (IsFull) throw new IOException("no space left on the device");
        if (type == KillBefore) throw new Killed();
        Entries.Add(new Entry(Entries.Count + 1, type, application, Encoding.UTF8.GetString(payload.Span), intent));
        if (type == KillAfter) throw new Killed();
        return Entries.Count;
    }

    public long? FindIntent(string type, string run) =>
        Entries.FirstOrDefault(e => e.Type == type && JsonDocument.Parse(e.Payload).RootElement.GetProperty("run").GetString() == run)?.Counter;

    public bool HasResult(long intent) => Entries.Any(e => e.Intent == intent);
}

internal sealed class FakeJob(string id) : IJob
{
    public List<JobStart> Starts { get; } = [];
    public Func<JobStart, CancellationToken, Task>? Work { get; set; }
    public string Id => id;
    public string Type => "drill";
    public string Application => "dpi";
    public byte[] Intent(JobStart start) => JsonSerializer.SerializeToUtf8Bytes(new { run = start.Run });

    public async Task<byte[]> RunAsync(JobStart start, CancellationToken cancellationToken)
    {
        Starts.Add(start);
        if (Work is not null) await Work(start, cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(new { verdict = cancellationToken.IsCancellationRequested ? "inconclusive" : "proved", startedBy = start.StartedBy });
    }

    public byte[] Unknown(JobStart start, Finding finding, Words reason) =>
        JsonSerializer.SerializeToUtf8Bytes(new { verdict = "inconclusive", code = finding.Code, reason });
}

/// <summary>One life of the agent after another, over the same state folder and spool.</summary>
internal sealed class AgentLives : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("schedule-").FullName;

    public TestClock Clock { get; } = new(At("2026-11-21T12:00Z"));
    public FakeSpool Spool { get; } = new();
    public FakeJob Job { get; } = new("drill:dpi");
    public string Line { get; set; } = "0 3 * * *";
    public List<FakeJob> MoreJobs { get; } = [];
    public IReadOnlyList<Blackout> Blackouts { get; set; } = [];
    public string File => Path.Combine(_folder, "schedule.json");

    public static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public Scheduler Start()
    {
        var state = ScheduleState.Open(File, out _);
        var runs = new JobRuns(state, Spool, Spool, Clock);
        runs.CloseInterrupted();
        return new Scheduler([.. MoreJobs.Prepend(Job).Select(j => new ScheduledJob(j, Calendar.TryCreate(Line, "UTC", out var calendar, out var refusal) ? calendar! : throw new ArgumentException(refusal)) { Blackouts = Blackouts })], state, runs, Clock, (_, _) => { });
    }

    public async Task<Scheduler> StartAsync()
    {
        var scheduler = Start();
        await scheduler.RunDueAsync("missed", default);
        return scheduler;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
