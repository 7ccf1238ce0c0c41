using System.Text.RegularExpressions;

namespace BackupGuard.Agent.Stores.S3;

/// <summary><c>s3:https://host[:port]/bucket[/prefix]</c>, as restic writes it; without a scheme it is https.</summary>
/// <param name="Endpoint">Scheme, host and port only.</param>
/// <param name="Prefix">What stands before every object's name: empty, or ending with '/'.</param>
public sealed partial record S3Location(Uri Endpoint, string Bucket, string Prefix)
{
    public const string Scheme = "s3:";

    private const string Form = "Write s3:https://host[:port]/bucket[/prefix].";

    public static bool Is(string location) => location.StartsWith(Scheme, StringComparison.Ordinal);

    /// <exception cref="UsageException">It is no such address.</exception>
    public static S3Location Parse(string location)
    {
        var text = location[Scheme.Length..];
        var isUrl = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        if (!isUrl) text = "https://" + text.TrimStart('/');
        var hostEnd = text.IndexOf('/', text.IndexOf("://", StringComparison.Ordinal) + 3);
        var authority = hostEnd < 0 ? text : text[..hostEnd];
        if (authority.Contains('@', StringComparison.Ordinal)) throw new UsageException($"An s3 address holds no name and no password: give keys in the environment or in a credentials file. {Form}");
        if (text.AsSpan().IndexOfAny("?#") >= 0) throw new UsageException($"'{location}' has a '?' or '#' in it, which no s3 address has. {Form}");
        if (hostEnd < 0 || !Uri.TryCreate(authority, UriKind.Absolute, out var endpoint) || endpoint.Host.Length == 0) throw new UsageException($"'{location}' is not an s3 address. {Form}");

        // A URL is decoded, as restic does; an address without scheme is taken as it stands.
        var parts = text[(hostEnd + 1)..].TrimEnd('/').Split('/').Select(p => isUrl ? Uri.UnescapeDataString(p) : p).ToArray();
        if (!BucketName().IsMatch(parts[0])) throw new UsageException($"'{location}' names no bucket: behind the host comes a name of letters, digits, '.', '_' and '-'. {Form}");
        if (parts.Skip(1).Any(p => p is "" or "." or ".." || p.Contains('/', StringComparison.Ordinal))) throw new UsageException($"'{location}': a prefix has no empty part, '.' or '..'. {Form}");
        return new S3Location(endpoint, parts[0], string.Concat(parts.Skip(1).Select(p => p + '/')));
    }

    /// <summary>Another location in the same bucket: the part of this one before its last '/', and that last part.</summary>
    public (S3Location Parent, string Name) Split()
    {
        var path = Prefix.TrimEnd('/');
        var slash = path.LastIndexOf('/');
        return (this with { Prefix = path[..(slash + 1)] }, path[(slash + 1)..]);
    }

    public override string ToString() => $"{Scheme}{Endpoint.GetLeftPart(UriPartial.Authority)}/{Bucket}/{Prefix}".TrimEnd('/');

    // Wider than what AWS accepts today: older buckets and other servers allow capitals, '_' and more than 63.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{1,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();
}
