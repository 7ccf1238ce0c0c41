using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace BackupGuard.Agent.Hosting;

/// <summary>The sd_notify(3) protocol: one datagram a message to the socket that systemd named; silent where there is none.</summary>
internal sealed class ServiceNotification(string? socketPath, string? watchdogMicroseconds, TimeProvider clock)
{
    public static ServiceNotification FromEnvironment(TimeProvider clock) =>
        new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"), clock);

    /// <summary>Half of what systemd waits, as sd_watchdog_enabled(3) recommends; null when it does not watch.</summary>
    private TimeSpan? WatchdogInterval =>
        long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0 ? TimeSpan.FromMicroseconds(microseconds / 2) : null;

    public void Send(string state)
    {
        if (string.IsNullOrEmpty(socketPath)) return;
        // A leading '@' stands for the abstract name space.
        var address = new UnixDomainSocketEndPoint(socketPath[0] == '@' ? '\0' + socketPath[1..] : socketPath);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), address);
        }
        catch (SocketException)
        {
            // Nobody listens any more. The service's work does not depend on being watched; systemd will notice the silence.
        }
    }

    public async Task KeepAliveAsync(CancellationToken cancellationToken)
    {
        if (WatchdogInterval is not { } interval) return;
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do Send("WATCHDOG=1");
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }
}
