using System.Text.RegularExpressions;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary><c>azure:https://account.blob.core.windows.net/container[/prefix]</c>, or as restic writes it, <c>azure:container:/prefix</c>, where the account comes with its keys.</summary>
/// <param name="Service">Scheme, host, port, and the account where it stands in the path; ends with '/'. Null in restic's form.</param>
/// <param name="Account">Null where the address does not name it.</param>
/// <param name="Prefix">What stands before every object's name: empty, or ending with '/'.</param>
public sealed partial record AzureLocation(Uri? Service, string? Account, string Container, string Prefix)
{
    public const string Scheme = "azure:";

    private const string Form = "Write azure:https://account.blob.core.windows.net/container[/prefix] or azure:container:/[prefix].";

    public static bool Is(string location) => location.StartsWith(Scheme, StringComparison.Ordinal);

    /// <exception cref="UsageException">It is no such address.</exception>
    public static AzureLocation Parse(string location)
    {
        var text = location[Scheme.Length..];
        var isUrl = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        // A '?' is most often a SAS: nothing of it may be repeated.
        if (text.AsSpan().IndexOfAny("?#") >= 0) throw new UsageException($"An azure address has no '?' and no '#': give a SAS in the environment or in a credentials file. {Form}");
        return isUrl ? OfUrl(location, text) : AsRestic(location, text);
    }

    private static AzureLocation OfUrl(string location, string text)
    {
        var hostEnd = text.IndexOf('/', text.IndexOf("://", StringComparison.Ordinal) + 3);
        var authority = hostEnd < 0 ? text : text[..hostEnd];
        if (authority.Contains('@', StringComparison.Ordinal)) throw new UsageException($"An azure address holds no name and no password: give keys in the environment or in a credentials file. {Form}");
        if (hostEnd < 0 || !Uri.TryCreate(authority, UriKind.Absolute, out var host) || host.Host.Length == 0) throw new UsageException($"'{location}' is not an azure address. {Form}");
        var parts = text[(hostEnd + 1)..].TrimEnd('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        // Emulators and appliances without a name of their own have the account in the path.
        if (host.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || !host.Host.Contains('.', StringComparison.Ordinal))
        {
            if (parts.Length < 2 || !AccountName().IsMatch(parts[0])) throw new UsageException($"'{location}': at an address like {host.Host} the account stands before the container. Write azure:{authority}/account/container[/prefix].");
            return Of(location, new Uri(host, parts[0] + '/'), parts[0], parts[1], parts[2..]);
        }
        var labels = host.Host.Split('.');
        var account = Array.IndexOf(labels, "blob") > 0 && AccountName().IsMatch(labels[0]) ? labels[0] : null;
        return Of(location, host, account, parts[0], parts[1..]);
    }

    private static AzureLocation AsRestic(string location, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) throw new UsageException($"'{location}' is not an azure address. {Form}");
        var path = text[(colon + 1)..].Trim('/');
        return Of(location, null, null, text[..colon], path.Length == 0 ? [] : path.Split('/'));
    }

    private static AzureLocation Of(string location, Uri? service, string? account, string container, string[] parts)
    {
        if (!ContainerName().IsMatch(container)) throw new UsageException($"'{location}' names no container: 3 to 63 of a-z, 0-9 and single '-'. {Form}");
        if (parts.Any(p => p is "" or "." or ".." || p.Contains('/', StringComparison.Ordinal))) throw new UsageException($"'{location}': a prefix has no empty part, '.' or '..'. {Form}");
        return new AzureLocation(service, account, container, string.Concat(parts.Select(p => p + '/')));
    }

    /// <summary>Another location in the same container: the part of this one before its last '/', and that last part.</summary>
    public (AzureLocation Parent, string Name) Split()
    {
        var path = Prefix.TrimEnd('/');
        var slash = path.LastIndexOf('/');
        return (this with { Prefix = path[..(slash + 1)] }, path[(slash + 1)..]);
    }

    public override string ToString() => (Service is null ? $"{Scheme}{Container}:/{Prefix}" : $"{Scheme}{Service}{Container}/{Prefix}").TrimEnd('/');

    [GeneratedRegex(@"^[a-z0-9]{3,24}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AccountName();

    [GeneratedRegex(@"^(?=.{3,63}\z)(\$root|\$web|[a-z0-9]+(-[a-z0-9]+)*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerName();
}
