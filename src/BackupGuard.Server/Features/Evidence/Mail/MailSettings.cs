using System.Globalization;
using System.Net;
using System.Net.Mail;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Evidence.Mail;

/// <summary>Where checkpoints are mailed to, out of a file of lines <c>Key=value</c>; see the README beside it.</summary>
internal sealed record MailSettings
{
    private const int MaxBytes = 16 * 1024;

    public required string Host { get; init; }
    public required int Port { get; init; }

    /// <summary>False only towards this machine.</summary>
    public required bool StartTls { get; init; }
    public NetworkCredential? Credential { get; init; }
    public required MailAddress From { get; init; }
    public required IReadOnlyList<MailAddress> To { get; init; }
    public required TimeSpan Every { get; init; }

    /// <exception cref="UsageException">It cannot be followed, would expose a password, or names nobody outside.</exception>
    public static MailSettings Read(string file)
    {
        try
        {
            if (new FileInfo(file).Length > MaxBytes) throw new UsageException($"--mail {file} is larger than {MaxBytes / 1024} KiB; it names one mail server.");
            return Of(Lines(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--mail {file} cannot be read: {e.Message}", e);
        }
    }

    private static Dictionary<string, string> Lines(string file)
    {
        string[] known = ["Host", "Port", "Security", "Username", "PasswordFile", "From", "To", "Every"];
        var (values, number) = (new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase), 0);
        foreach (var line in File.ReadLines(file).Select(l => l.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#') continue;
            var parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
            // Not the value: somebody may have written a password.
            if (parts is not [var key, { Length: > 0 } value] || !known.Contains(key, StringComparer.OrdinalIgnoreCase) || !values.TryAdd(key, value))
                throw new UsageException($"--mail {file}, line {number}: '{parts[0]}' is not one of {string.Join(", ", known)} with a value, each once.");
        }
        return values;
    }

    private static MailSettings Of(Dictionary<string, string> values, string file)
    {
        var host = values.GetValueOrDefault("Host") ?? throw Wrong(file, "it names no Host");
        var security = values.GetValueOrDefault("Security") ?? "StartTls";
        if (security is not ("StartTls" or "None")) throw Wrong(file, "Security is StartTls or None (a port that speaks TLS from the first byte, such as 465, cannot be used)");
        var here = host == "localhost" || IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address);
        if (security == "None" && !here) throw Wrong(file, $"{host} is another machine; without STARTTLS anybody on the way could change the checkpoint");
        if (!int.TryParse(values.GetValueOrDefault("Port") ?? "587", NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535) throw Wrong(file, "Port is a number from 1 to 65535");
        var settings = new MailSettings
        {
            Host = host, Port = port, StartTls = security == "StartTls",
            Credential = Credentials(values, file),
            From = Address(values.GetValueOrDefault("From"), "From", file),
            To = [.. (values.GetValueOrDefault("To") ?? throw Wrong(file, "it names nobody To mail to")).Split(',', StringSplitOptions.TrimEntries).Select(to => Address(to, "To", file))],
            Every = RunVerb.Interval(values.GetValueOrDefault("Every") ?? "P1D", $"--mail {file}: Every"),
        };
        // Whoever rewrites the log may rule over the hospital's own mailboxes too.
        return settings.To.Any(t => !t.Host.Equals(settings.From.Host, StringComparison.OrdinalIgnoreCase))
            ? settings
            : throw Wrong(file, $"all addresses are in {settings.From.Host}; at least one must be outside the hospital, with somebody who keeps its mail");
    }

    private static NetworkCredential? Credentials(Dictionary<string, string> values, string file) => (values.GetValueOrDefault("Username"), values.GetValueOrDefault("PasswordFile")) switch
    {
        (null, null) => null,
        ({ } user, { } password) => new NetworkCredential(user, File.ReadLines(password).FirstOrDefault() is { Length: > 0 } line ? line : throw Wrong(file, $"{password} holds no password on its first line")),
        _ => throw Wrong(file, "Username and PasswordFile belong together"),
    };

    private static MailAddress Address(string? text, string key, string file) => MailAddress.TryCreate(text, out var address) ? address : throw Wrong(file, $"{key} is not a mail address");

    private static UsageException Wrong(string file, string why) => new($"--mail {file}: {why}.");
}
