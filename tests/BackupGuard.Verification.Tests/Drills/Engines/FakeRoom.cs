using System.Text;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Verification.Tests.Drills.Engines;

/// <summary>A room in which no program runs: what each would answer is told by a word of its command line. Later rules go first.</summary>
internal sealed class FakeRoom : IDrillRoom
{
    private readonly List<(string Word, Func<RoomEnd> Answer)> _rules = [];
    private readonly Dictionary<string, byte[]> _written = [];

    public List<string> Commands { get; } = [];

    /// <summary>How the server that is started ends; null while it stays up.</summary>
    public RoomEnd? ServerEnds { get; init; }

    public string Restored => "/restored";
    public string Scratch => "/scratch";

    public FakeRoom On(string word, string output, int exitCode = 0, string errors = "", bool timedOut = false) => On(word, () => End(output, exitCode, errors, timedOut));

    public FakeRoom On(string word, Func<RoomEnd> answer)
    {
        _rules.Insert(0, (word, answer));
        return this;
    }

    public FakeRoom With(string file, string content)
    {
        _written[file] = Encoding.UTF8.GetBytes(content);
        return this;
    }

    public string Written(string file) => Encoding.UTF8.GetString(_written[file]);

    public static RoomEnd End(string output, int exitCode = 0, string errors = "", bool timedOut = false) => new(exitCode, timedOut, Encoding.UTF8.GetBytes(output), Encoding.UTF8.GetBytes(errors));

    public Task<RoomEnd> RunAsync(RoomCommand command, CancellationToken cancellationToken)
    {
        var line = string.Join(' ', command.Run) + (command.Input is { } input ? "\n" + Encoding.UTF8.GetString(input) : "");
        Commands.Add(line);
        return Task.FromResult(_rules.Find(r => line.Contains(r.Word, StringComparison.Ordinal)) is { Answer: { } answer } ? answer() : End(""));
    }

    public IRoomProcess Start(RoomCommand command)
    {
        Commands.Add(string.Join(' ', command.Run));
        return new Server(ServerEnds);
    }

    public void Write(string name, ReadOnlySpan<byte> content) => _written[name] = content.ToArray();
    public byte[]? Read(RestoredPath path, int mostBytes) => _written.TryGetValue(path.ToString(), out var bytes) ? bytes[..Math.Min(bytes.Length, mostBytes)] : null;
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Server : IRoomProcess
    {
        private readonly TaskCompletionSource<RoomEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Server(RoomEnd? end)
        {
            if (end is not null) _ended.SetResult(end);
        }

        public Task<RoomEnd> Ended => _ended.Task;

        public ValueTask KillAsync()
        {
            _ended.TrySetResult(End("", 137));
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Restored files in memory; a name that ends with a slash is a folder.</summary>
internal sealed class FakeFiles(params (string Path, string Content)[] files) : IRestoredFiles
{
    public IEnumerable<RestoredEntry> List() => files.Select(f => new RestoredEntry(f.Path.TrimEnd('/'), f.Path.EndsWith('/') ? RestoredKind.Directory : RestoredKind.File, f.Content.Length, DateTimeOffset.UnixEpoch));
    public Stream? OpenRead(RestoredPath path) => files.FirstOrDefault(f => f.Path == path.ToString()) is { Path: not null, Content: var content } ? new MemoryStream(Encoding.UTF8.GetBytes(content)) : null;
}
