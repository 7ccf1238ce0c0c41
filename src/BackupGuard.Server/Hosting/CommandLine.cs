using System.CommandLine;
using System.Data.Common;

namespace BackupGuard.Server.Hosting;

/// <summary>Wrong usage or configuration: one sentence for the person who typed the command, exit code 2.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The process border: what every verb shares, and the one place where an error becomes an exit code.</summary>
internal static class CommandLine
{
    public const int WrongUsage = 2;

    public static Option<string> DataOption() => new("--data")
    {
        Description = "Folder of the server's database and keys.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("BACKUPGUARD_DATA") is { Length: > 0 } folder ? folder : DataFolder.Default(),
    };

    public static string? FromEnvironment(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    public static Option<string?> CatalogueOption() => new("--catalogue") { Description = "The hospital's applications and objectives (YAML).", DefaultValueFactory = _ => FromEnvironment("BACKUPGUARD_CATALOGUE") };

    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            return Refuse(parsed.Errors[0].Message);
        }
        try
        {
            // The web host owns SIGTERM and Ctrl-C; a second handler here would cut its graceful stop short.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (UsageException e)
        {
            return Refuse(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException)
        {
            // Files, ports and the database of this machine: what the sentence says is all that its owner can act on.
            return Refuse((e.InnerException as DbException ?? e).Message);
        }
    }

    private static int Refuse(string sentence)
    {
        Console.Error.WriteLine($"backupguard-server: {sentence}");
        return WrongUsage;
    }
}
