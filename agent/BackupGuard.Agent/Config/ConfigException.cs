using System.Globalization;

namespace BackupGuard.Agent.Config;

/// <summary>One thing that is wrong in the configuration file: where, what, and what to write instead.</summary>
/// <param name="Line">From 1; 0 when it is about the file as a whole.</param>
public sealed record ConfigProblem(long Line, long Column, string Message);

/// <summary>The configuration cannot be used. All problems that were found, in the order of the file.</summary>
public sealed class ConfigException : Exception
{
    public ConfigException(IReadOnlyList<ConfigProblem> problems, string file = "") : base(string.Join('\n', problems.Select(p => Show(file, p)))) => Problems = problems;

    public ConfigException(long line, long column, string message) : this([new ConfigProblem(line, column, message)]) { }

    public IReadOnlyList<ConfigProblem> Problems { get; }

    private static string Show(string file, ConfigProblem problem) => problem.Line == 0
        ? $"{file}: {problem.Message}"
        : string.Create(CultureInfo.InvariantCulture, $"{file}:{problem.Line}:{problem.Column}: {problem.Message}");
}
