using BackupGuard.Agent.Driven;

namespace BackupGuard.Agent.Config;

/// <summary>Reads the tool section of a repository that somebody else's program reads.</summary>
internal static class ToolReader
{
    private const int MostArguments = 100, LongestText = 4096;

    public static ToolSettings Read(string repository, string? address, YamlValue value, string folder, List<ConfigProblem> problems)
    {
        var format = address is null ? "" : address.Split(':')[0];
        var s = new Section(value, $"tool of {repository}", ["program", "config", "arguments", "environment", "timeout", "scratch"], problems);
        if (format is not ("pgbackrest" or "command") && address is not null) s.RefuseWhole("only repositories of pgbackrest: and command: are read by a tool; remove this section");
        var program = AgentConfig.FullPath(s.Optional("program"), folder);
        if (program is not null && format == "command") s.RefuseKey("program", "the adapter stands in the address, command:/path; remove this line");
        var config = AgentConfig.FullPath(s.Optional("config"), folder);
        if (config is not null && format == "command") s.RefuseKey("config", "an adapter gets its settings by arguments and environment; remove this line");
        var arguments = Arguments(s, format, problems);
        var timeout = ToolSettings.DefaultTimeout;
        if (s.Optional("timeout") is { } text && !Values.TryDuration(text, out timeout)) s.RefuseKey("timeout", $"\"{text}\" is not a duration; write for example PT12H");
        return new ToolSettings { Program = program, ConfigFile = config, Arguments = arguments, Environment = Variables(s, problems), Timeout = timeout, Scratch = AgentConfig.FullPath(s.Optional("scratch"), folder) };
    }

    private static List<string> Arguments(Section s, string format, List<ConfigProblem> problems)
    {
        var arguments = new List<string>();
        if (s.Find("arguments") is not { } value) return arguments;
        if (format == "pgbackrest") s.RefuseKey("arguments", "pgBackRest gets its settings from its own configuration file; name it with config");
        if (value is not YamlList list || list.Items.Count > MostArguments) { s.RefuseKey("arguments", $"must be a list of at most {MostArguments} texts"); return arguments; }
        foreach (var item in list.Items)
        {
            if (item is YamlText { Value.Length: <= LongestText } text && !text.Value.Contains('\0', StringComparison.Ordinal)) arguments.Add(text.Value);
            else problems.Add(new ConfigProblem(item.Line, item.Column, "an argument is one text; put it into quotes"));
        }
        return arguments;
    }

    private static Dictionary<string, string> Variables(Section s, List<ConfigProblem> problems)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (s.Find("environment") is not { } value) return variables;
        if (value is not YamlMap map) { s.RefuseKey("environment", "must be a map from names to values"); return variables; }
        foreach (var (key, entry) in map.Entries)
        {
            var isName = key.Value.Length is > 0 and <= 128 && !char.IsAsciiDigit(key.Value[0]) && key.Value.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
            if (!isName) problems.Add(new ConfigProblem(key.Line, key.Column, "a variable's name has A-Z, a-z, 0-9 and \"_\" only"));
            else if (key.Value.StartsWith("BACKUPGUARD_", StringComparison.Ordinal)) problems.Add(new ConfigProblem(key.Line, key.Column, "names that begin with BACKUPGUARD_ are the agent's own"));
            else if (entry is YamlText { Value.Length: <= LongestText } text && !text.Value.Contains('\0', StringComparison.Ordinal)) variables[key.Value] = text.Value;
            else problems.Add(new ConfigProblem(entry.Line, entry.Column, $"{key.Value} must be one text; put it into quotes"));
        }
        return variables;
    }
}
