using System.Globalization;

namespace BackupGuard.Benchmarks;

/// <summary>What cannot be measured, as one sentence.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);

/// <param name="SizeBytes">Size of the source that is backed up.</param>
/// <param name="Peer">The program beside which ours is measured: restic or borg.</param>
/// <param name="Keep">An empty or new folder for source and repository, which stays; null for a temporary one.</param>
/// <param name="Agent">The program of a published agent; null for the one built beside this.</param>
internal sealed record BenchmarkOptions(long SizeBytes, string? Keep, string? Agent, string Peer = "restic")
{
    public static BenchmarkOptions? Parse(string[] args, out string? problem)
    {
        problem = null;
        var options = new BenchmarkOptions(2L << 30, null, null);
        for (var i = 0; i < args.Length && problem is null; i += 2)
        {
            if (args[i] is not ("--size" or "--keep" or "--agent" or "--peer")) problem = $"'{args[i]}' is not an option. Usage: [--peer restic|borg] [--size 2GiB] [--keep DIR] [--agent FILE]";
            else if (i + 1 == args.Length) problem = $"{args[i]} needs a value.";
            else if (args[i] == "--agent")
            {
                options = options with { Agent = Path.GetFullPath(args[i + 1]) };
                if (!File.Exists(options.Agent)) problem = $"--agent {args[i + 1]}: there is no such file.";
            }
            else if (args[i] == "--peer")
            {
                options = options with { Peer = args[i + 1] };
                if (options.Peer is not ("restic" or "borg")) problem = $"--peer {args[i + 1]}: restic or borg.";
            }
            else if (args[i] == "--keep")
            {
                options = options with { Keep = Path.GetFullPath(args[i + 1]) };
                if (File.Exists(options.Keep) || Directory.Exists(options.Keep) && Directory.EnumerateFileSystemEntries(options.Keep).Any()) problem = $"--keep {args[i + 1]}: give an empty or a new folder.";
            }
            else if (Size(args[i + 1]) is { } size) options = options with { SizeBytes = size };
            else problem = $"--size {args[i + 1]}: give a size of at least 16MiB, such as 256MiB or 2GiB.";
        }
        return problem is null ? options : null;
    }

    private static long? Size(string text)
    {
        if (text.Length < 4) return null;
        var shift = text[^3..] switch { "MiB" => 20, "GiB" => 30, _ => 0 };
        return shift > 0 && long.TryParse(text.AsSpan(0, text.Length - 3), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift && number << shift >= 16 << 20
            ? number << shift
            : null;
    }
}
