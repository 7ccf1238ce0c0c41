using System.Net;

namespace BackupGuard.Server.Hosting;

/// <summary>An address to listen on. Plain HTTP is for this machine alone: passwords cross it.</summary>
internal sealed record Listener(IPAddress Address, int Port, bool Tls)
{
    public static Listener Parse(string url)
    {
        // "*" and "+" mean every address to Kestrel; Uri knows neither.
        var text = url.Trim().Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/")
        {
            throw new UsageException($"'{url}' is not an address to listen on; write http://127.0.0.1:5080 or https://0.0.0.0:5443.");
        }
        var address = uri.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) ? ip
            : throw new UsageException($"'{url}' names a host; an address to listen on needs an IP address, localhost or *.");
        var tls = uri.Scheme == "https";
        return tls || IPAddress.IsLoopback(address)
            ? new Listener(address, uri.Port, tls)
            : throw new UsageException($"'{url}' would carry passwords unencrypted over the network; use https:// there, or http:// on 127.0.0.1 only.");
    }
}

/// <summary>Everything that `run` was told.</summary>
internal sealed record ServerSettings(DataFolder Data, IReadOnlyList<Listener> Listeners)
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>The hospital's catalogue (YAML), or null when none was given.</summary>
    public string? CatalogueFile { get; init; }

    /// <summary>Folder of runbooks, or null.</summary>
    public string? RunbooksFolder { get; init; }

    /// <summary>Where a crisis pack is kept each night, or null.</summary>
    public string? CrisisPackFolder { get; init; }

    /// <summary>How many of them: the newest.</summary>
    public int CrisisPacksKept { get; init; } = 14;

    /// <summary>List of objectives that evidence is gathered for (YAML), or null.</summary>
    public string? ObjectivesFile { get; init; }

    /// <summary>The policy that auditors are given: its witnesses and time-stamp authorities with an address are asked. Null: nobody is asked.</summary>
    public BackupGuard.Evidence.TrustPolicy? Policy { get; init; }

    /// <summary>How often its time-stamp authorities are asked, where the log grew.</summary>
    public TimeSpan StampEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Who outside gets checkpoints by mail. Null: nobody.</summary>
    public Features.Evidence.Mail.MailSettings? Mail { get; init; }

    /// <summary>PEM certificate and key for https, or null for a self-signed one of our own.</summary>
    public string? CertificateFile { get; init; }
    public string? CertificateKeyFile { get; init; }
}
