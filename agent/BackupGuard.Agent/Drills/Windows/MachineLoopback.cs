using System.Net;
using System.Net.Sockets;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills.Windows;

/// <summary>The machine's own loopback, which Windows' firewall does not cut off from what runs there.</summary>
internal sealed class MachineLoopback(TimeProvider clock) : IRoomLoopback
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task<RoomEnd> ExchangeAsync(int port, byte[] question, int mostBytes, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, either.Token);
            if (question.Length == 0) return new RoomEnd(0, false, [], []);
            var answer = new byte[mostBytes];
            await client.GetStream().WriteAsync(question, either.Token);
            return new RoomEnd(0, false, answer[..await client.GetStream().ReadAtLeastAsync(answer, mostBytes, throwOnEndOfStream: false, either.Token)], []);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new RoomEnd(137, true, [], []);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return new RoomEnd(1, false, [], []);
        }
    }

    public IRoomProcess WaitFor(int port, TimeSpan timeout) => new Waiting(this, port, timeout, clock);

    private sealed class Waiting : IRoomProcess
    {
        private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Waiting(MachineLoopback loopback, int port, TimeSpan timeout, TimeProvider clock) => Ended = WaitAsync(loopback, port, timeout, clock);

        public Task<RoomEnd> Ended { get; }

        public async ValueTask KillAsync()
        {
            _killed.TrySetResult();
            await Ended;
        }

        private async Task<RoomEnd> WaitAsync(MachineLoopback loopback, int port, TimeSpan timeout, TimeProvider clock)
        {
            for (var began = clock.GetTimestamp(); clock.GetElapsedTime(began) < timeout;)
            {
                if (await loopback.ExchangeAsync(port, [], 0, timeout, CancellationToken.None) is { Succeeded: true } up) return up;
                if (await Task.WhenAny(_killed.Task, Task.Delay(Pause, clock, CancellationToken.None)) == _killed.Task) return new RoomEnd(137, false, [], []);
            }
            return new RoomEnd(137, true, [], []);
        }
    }
}
