using System.Text;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills.Windows;

/// <summary>A command as Windows takes it. Nothing here calls Windows.</summary>
/// <param name="Program">Full path, below the restored folder.</param>
internal sealed record JobCommand(string Program, string CommandLine, string Environment)
{
    private const string RestoredPrefix = "/restored/", ScratchPrefix = "/scratch/";

    /// <param name="isLink">Whether that path is a link or a junction: the rule of the firewall would name another file than the one that runs.</param>
    /// <exception cref="SandboxException">It is no program of the restored data.</exception>
    public static JobCommand Of(RoomCommand command, string restored, string scratch, IReadOnlyDictionary<string, string> system, Func<string, bool> isLink)
    {
        var written = command.Run[0];
        if (!written.StartsWith(RestoredPrefix, StringComparison.Ordinal) || !RestoredPath.TryParse(written[RestoredPrefix.Length..], out var path, out _) || written.AsSpan().IndexOfAny('\\', ':') >= 0)
            throw new SandboxException($"{Printable.Of(written)} is not started: on Windows only programs of the restored data are, written /restored/…, for a rule of the firewall holds them back by their path");
        // A script is read by a program of the machine, which the rule must not name.
        if (!written.EndsWith(".exe", StringComparison.OrdinalIgnoreCase)) throw new SandboxException($"{Printable.Of(written)} is not started: on Windows only programs (.exe) are");
        var program = restored;
        foreach (var part in path.Parts)
        {
            program += "\\" + part;
            if (isLink(program)) throw new SandboxException($"{Printable.Of(written)} is not started: a part of its path is a link");
        }
        string Mapped(string argument) => argument.StartsWith(RestoredPrefix, StringComparison.Ordinal) ? restored + "\\" + argument[RestoredPrefix.Length..].Replace('/', '\\')
            : argument.StartsWith(ScratchPrefix, StringComparison.Ordinal) ? scratch + "\\" + argument[ScratchPrefix.Length..].Replace('/', '\\') : argument;
        return new JobCommand(program, string.Join(' ', [Quoted(program), .. command.Run.Skip(1).Select(a => Quoted(Mapped(a)))]), Block(system.Concat(command.Environment)));
    }

    /// <summary>As CommandLineToArgvW takes it apart again: backslashes count only before a quotation mark.</summary>
    internal static string Quoted(string argument)
    {
        if (argument.Length > 0 && argument.AsSpan().IndexOfAny(" \t\n\v\"") < 0) return argument;
        var text = new StringBuilder("\"");
        var slashes = 0;
        foreach (var c in argument)
        {
            if (c == '"') text.Append('\\', slashes + 1);
            slashes = c == '\\' ? slashes + 1 : 0;
            text.Append(c);
        }
        return text.Append('\\', slashes).Append('"').ToString();
    }

    /// <summary>NAME=value, each ended by a NUL, sorted without regard to case, and one more NUL.</summary>
    private static string Block(IEnumerable<KeyValuePair<string, string>> variables) =>
        string.Concat(variables.GroupBy(v => v.Key, StringComparer.OrdinalIgnoreCase).OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase).Select(g => $"{g.Key}={g.Last().Value}\0")) + "\0";
}
