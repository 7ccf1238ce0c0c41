using BackupGuard.Server.Hosting;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace BackupGuard.Server.Tests.Hosting;

public sealed class Rounds_worker_tests
{
    [Fact]
    public async Task A_round_that_fails_ends_neither_the_worker_nor_the_rounds_after_it()
    {
        using var worker = new Worker(needed: true);
        await worker.StartAsync(CancellationToken.None);

        await worker.Third.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await worker.StopAsync(CancellationToken.None);

        worker.Rounds.Should().BeGreaterThanOrEqualTo(3, "two of them failed");
        worker.ExecuteTask!.IsFaulted.Should().BeFalse();
    }

    [Fact]
    public async Task Where_nothing_is_configured_no_round_is_made()
    {
        using var worker = new Worker(needed: false);
        await worker.StartAsync(CancellationToken.None);

        await worker.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30));

        worker.Rounds.Should().Be(0);
    }

    private sealed class Worker(bool needed) : RoundsWorker(TimeProvider.System, NullLogger.Instance)
    {
        public TaskCompletionSource Third { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public int Rounds { get; private set; }

        protected override bool IsNeeded => needed;
        protected override TimeSpan PauseAfterFault => TimeSpan.FromMilliseconds(1);

        protected override Task<TimeSpan> RoundAsync(CancellationToken stop)
        {
            switch (++Rounds)
            {
                case 1: throw new InvalidOperationException("at once");
                case 2: return Task.FromException<TimeSpan>(new OperationCanceledException("a time-out of its own, not the server's end"));
                default:
                    Third.TrySetResult();
                    return Task.FromResult(TimeSpan.FromMilliseconds(1));
            }
        }
    }
}
