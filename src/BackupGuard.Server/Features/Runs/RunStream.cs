using System.Globalization;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Server-sent events of one run: the number of its last line, and a heartbeat, so that a page can say since when it is not live.</summary>
internal static class RunStream
{
    /// <summary>Also how soon a line that another server process wrote is noticed.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    /// <summary>Lines that come close together are told together: what fifty consoles are told must not take the time of who writes. The first is told at once.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(250);

    public static async Task ServeAsync(HttpContext context, string run, RunJournal journal, RunFeed feed, IHostApplicationLifetime lifetime, TimeProvider clock)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var stop = stopping.Token;
        if (await journal.LoadAsync(run, stop) is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "text/event-stream; charset=utf-8";
        var (said, woken) = (0L, false);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var next = feed.Next(run);
                // Who is woken is told what was appended: fifty consoles do not ask the database for each line.
                var line = Math.Max(said, woken ? feed.Last(run) : (await journal.LoadAsync(run, stop))?.State.Seq ?? said);
                await context.Response.WriteAsync(line == said ? "event: vivant\ndata: .\n\n" : string.Create(CultureInfo.InvariantCulture, $"event: ligne\nid: {line}\ndata: {line}\n\n"), stop);
                await context.Response.Body.FlushAsync(stop);
                said = line;
                await Task.Delay(Gathering, clock, stop);
                woken = await Task.WhenAny(next, Task.Delay(Heartbeat, clock, stop)) == next;
            }
        }
        catch (OperationCanceledException)
        {
            // The reader went away, or the server stops: nothing was promised.
        }
    }
}
