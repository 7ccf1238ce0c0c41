using System.Diagnostics;
using System.Text;
using BackupGuard.Verification.Formats.Driven;
using BackupGuard.Verification.Formats.PgBackRest;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Stores;

namespace BackupGuard.Verification.Tests.PgBackRest;

/// <summary>The real pgbackrest over a repository that lies in a store or a folder. Tests of the agent run it as the agent does; here only its answers matter.</summary>
internal static class PgBackRestUnderTest
{
    public const string Stanza = "demo", Program = "pgbackrest";

    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, Program)));

    public static IBackupRepository Open(IBackupStore store) => new PgBackRestRepository(new FolderTool(store), Stanza, 1);

    /// <summary>Whether pgbackrest's own two verbs call it good, as somebody would who reads all that they say.</summary>
    public static bool CallsGood(string folder)
    {
        var info = Run(folder, "info", "--output=json");
        var verify = Run(folder, "verify", "--output=text", "--verbose");
        return info.Exit == 0 && verify.Exit == 0 && info.Output.Contains("\"status\":{\"code\":0,", StringComparison.Ordinal) && verify.Output.Contains("\nstatus: ok\n", StringComparison.Ordinal);
    }

    public static (int Exit, string Output) Run(string folder, params string[] arguments)
    {
        using var process = Start(folder, [.. arguments, $"--stanza={Stanza}", "--log-level-file=off", "--log-level-console=off", "--log-level-stderr=off"]);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }

    private static Process Start(string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        start.Environment["PGBACKREST_CONFIG"] = "/dev/null";
        start.Environment["PGBACKREST_REPO1_PATH"] = folder;
        // Its own switch, for tests only: otherwise it waits half a minute before it believes in a damaged file.
        start.Environment["PGBACKREST_JOB_RETRY"] = "0";
        var process = Process.Start(start) ?? throw new InvalidOperationException("pgbackrest did not start");
        process.StandardInput.Close();
        return process;
    }

    private static readonly System.Collections.Concurrent.ConcurrentBag<string> Written = [];

    static PgBackRestUnderTest() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var folder in Written) Directory.Delete(folder, recursive: true);
    };

    /// <summary>The real program over what lies in the store, written to a folder at the first call.</summary>
    internal sealed class FolderTool(IBackupStore store) : IDrivenTool
    {
        /// <summary>What to say instead of the real answer, by verb; null for the real one.</summary>
        public Func<string, (byte[] Output, int Exit)?>? Instead { get; init; }

        /// <summary>Called with the folder after each verb that works on the disk.</summary>
        public Action<string, string>? Afterwards { get; init; }
        public Func<string, ToolException?>? Fails { get; init; }
        public List<IReadOnlyList<string>> Asked { get; } = [];
        private string? made, written;

        public async Task<ToolEnd> RunAsync(ToolQuestion question, Func<Stream, CancellationToken, Task> read, CancellationToken cancellationToken)
        {
            var verb = question.Arguments[0];
            Asked.Add(question.Arguments);
            if (Fails?.Invoke(verb) is { } failure) throw failure;
            if (Instead?.Invoke(verb) is { } answer)
            {
                await read(new MemoryStream(answer.Output), cancellationToken);
                return new ToolEnd(answer.Exit, "");
            }
            using var process = Start(await FolderAsync(cancellationToken), question.Arguments);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await read(process.StandardOutput.BaseStream, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (made is not null) Afterwards?.Invoke(verb, made);
            return new ToolEnd(process.ExitCode, Printable.Of(await errors));
        }

        private async Task<string> FolderAsync(CancellationToken cancellationToken)
        {
            if (written is not null) return written;
            var folder = Directory.CreateTempSubdirectory("bg-pgbackrest-").FullName;
            Written.Add(folder);
            await foreach (var item in store.ListAsync("", cancellationToken)) await WriteAsync(item.Name, folder, cancellationToken);
            return written = folder;
        }

        public IToolFolder CreateFolder()
        {
            var folder = new TestFolder();
            made = folder.Path;
            return folder;
        }

        private async Task WriteAsync(string name, string folder, CancellationToken cancellationToken)
        {
            await using var reader = await store.OpenAsync(name, cancellationToken);
            var bytes = new byte[reader.LengthBytes];
            await reader.ReadAsync(0, bytes, cancellationToken);
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);    // the folder above it is the repository or below it
            await File.WriteAllBytesAsync(path, bytes, cancellationToken);
        }
    }

    private sealed class TestFolder : IToolFolder
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("bg-pgbackrest-to-").FullName;
        public IBackupStore Content => MemoryStore.Of(Path);
        public void MakeFolder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name));

        // Not removed: the copy that Content gives is made anew at each look anyway.
        public void Remove(string name) { }

        public ValueTask DisposeAsync()
        {
            Directory.Delete(Path, recursive: true);
            return ValueTask.CompletedTask;
        }
    }

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
