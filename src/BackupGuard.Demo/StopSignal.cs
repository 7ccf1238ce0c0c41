using System.Runtime.InteropServices;

namespace BackupGuard.Demo;

/// <summary>Asks to stop, and passes the request on to processes that were started here.</summary>
internal static partial class StopSignal
{
    private const int Terminate = 15;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);

    public static IDisposable Register(CancellationTokenSource stop)
    {
        var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        return new Both(interrupt, terminate);

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Asks one process to end; false where the system knows no such request.</summary>
    public static bool TrySend(int process) => !OperatingSystem.IsWindows() && kill(process, Terminate) == 0;

    private sealed record Both(IDisposable First, IDisposable Second) : IDisposable
    {
        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
        }
    }
}
