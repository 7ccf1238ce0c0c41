using BackupGuard.Agent.Config;

namespace BackupGuard.Agent.Hosting;

/// <summary>The unit file, from the template in packaging.</summary>
internal static class SystemdUnit
{
    public const string Name = "backupguard-agent.service";

    /// <summary>What restoring needs; the template's bounding set says why.</summary>
    private const string Capabilities = "CAP_DAC_READ_SEARCH CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_MKNOD";

    /// <param name="program">The agent as systemd shall start it: a program and perhaps its first argument.</param>
    public static string Write(AgentSettings settings, IReadOnlyList<string> program, string user)
    {
        using var template = typeof(SystemdUnit).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException("The unit template is not in the program.");
        using var reader = new StreamReader(template);
        var writable = Writable(settings).Select(folder => "ReadWritePaths=" + Quoted(folder));
        return Chosen(reader.ReadToEnd(), settings.Drills.Any(d => d.Plan.Probes.Any(p => p.NeedsRoom)))
            .Replace("@EXEC@", string.Join(' ', program.Select(Quoted)), StringComparison.Ordinal)
            .Replace("Documentation=file:@CONFIG@", "Documentation=file:" + Uri.EscapeDataString(settings.File).Replace("%2F", "/", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("@CONFIG@", Quoted(settings.File), StringComparison.Ordinal)
            // Root has what its bounding set leaves it; another account must be given the same.
            .Replace("@AMBIENT@\n", user == "root" ? "" : $"AmbientCapabilities={Capabilities}\n", StringComparison.Ordinal)
            .Replace("@USER@", user, StringComparison.Ordinal)
            .Replace("@WRITABLE@", string.Join('\n', writable), StringComparison.Ordinal);
    }

    /// <summary>The template's lines for an agent that starts restored software, or for one that only looks at files.</summary>
    private static string Chosen(string template, bool rooms)
    {
        var (kept, dropped) = rooms ? ("@ROOMS@", "@FILES@") : ("@FILES@", "@ROOMS@");
        return string.Join('\n', template.Split('\n').Where(l => !l.StartsWith(dropped, StringComparison.Ordinal)).Select(l => l.StartsWith(kept, StringComparison.Ordinal) ? l[kept.Length..] : l));
    }

    public static IEnumerable<string> Writable(AgentSettings settings) =>
        settings.Drills.Select(d => d.Sandbox.Folder).Concat(settings.Repositories.Select(r => r.Tool.Scratch).OfType<string>()).Prepend(settings.StateFolder).Distinct(StringComparer.Ordinal);

    /// <summary>systemd.syntax(7): double quotes, C escapes; a percent sign would be a specifier, a dollar sign a variable.</summary>
    private static string Quoted(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_')
        ? text
        : "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal) + "\"";
}
