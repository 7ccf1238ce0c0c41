using BackupGuard.Verification.Drills;

namespace BackupGuard.Verification.Tests.Drills.Contents;

/// <summary>A room whose programs answer as the test says.</summary>
internal sealed class FakeRoom(Func<RoomCommand, RoomEnd> answer) : IDrillRoom
{
    public List<string> Ran { get; } = [];
    public string Restored => "/restored";
    public string Scratch => "/scratch";

    public static RoomEnd Said(string output, int exitCode = 0, bool timedOut = false) => new(exitCode, timedOut, System.Text.Encoding.UTF8.GetBytes(output), []);

    public Task<RoomEnd> RunAsync(RoomCommand command, CancellationToken cancellationToken)
    {
        Ran.Add(string.Join(' ', command.Run));
        return Task.FromResult(answer(command));
    }

    public IRoomProcess Start(RoomCommand command) => throw new NotSupportedException();
    public void Write(string name, ReadOnlySpan<byte> content) { }
    public byte[]? Read(RestoredPath path, int mostBytes) => null;
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
