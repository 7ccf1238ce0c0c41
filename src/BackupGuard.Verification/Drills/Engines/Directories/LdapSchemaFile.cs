using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.Directories;

/// <summary>Turns the schema of a configuration LDIF (slapcat -n 0, or one file of slapd.d/cn=config/cn=schema) into lines of slapd.conf.</summary>
internal static partial class LdapSchemaFile
{
    public const int LargestBytes = 8 << 20;

    /// <summary>In the order in which the server must read them.</summary>
    private static readonly (string Attribute, string Directive)[] Parts =
    [
        ("olcObjectIdentifier", "objectidentifier"), ("olcLdapSyntaxes", "ldapsyntax"), ("olcAttributeTypes", "attributetype"), ("olcObjectClasses", "objectclass"), ("olcDitContentRules", "ditcontentrule"),
    ];

    /// <returns>Empty where the LDIF holds no schema.</returns>
    public static string Converted(string ldif)
    {
        var directives = new StringBuilder();
        // Unfolded: a line that begins with a space continues the one before (RFC 2849).
        var entries = ldif.ReplaceLineEndings("\n").Replace("\n ", "", StringComparison.Ordinal).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        foreach (var entry in entries)
        {
            var lines = entry.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            // The schema's root holds what is built into the server.
            if (!lines.Any(l => SchemaDn().IsMatch(l))) continue;
            foreach (var (attribute, directive) in Parts)
                foreach (var line in lines)
                    if (ValueOf(line, attribute) is { } value)
                        directives.Append(directive).Append(' ').Append(Position().Replace(value, "")).Append('\n');
        }
        return directives.ToString();
    }

    private static string? ValueOf(string line, string attribute)
    {
        if (!line.StartsWith(attribute, StringComparison.OrdinalIgnoreCase) || line.Length <= attribute.Length || line[attribute.Length] != ':') return null;
        var value = line[(attribute.Length + 1)..];
        if (!value.StartsWith(':')) return value.Trim();
        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value[1..].Trim(), bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).ReplaceLineEndings(" ") : null;
    }

    [GeneratedRegex(@"^dn: *cn=(?!schema$|config$)[^,]+(,cn=schema.*)?$", RegexOptions.IgnoreCase)]
    private static partial Regex SchemaDn();

    /// <summary>"{12}": where the server keeps the value in its list.</summary>
    [GeneratedRegex(@"^\{-?\d+\}")]
    private static partial Regex Position();
}
