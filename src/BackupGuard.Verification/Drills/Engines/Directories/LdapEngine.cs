using System.Text.Json;

namespace BackupGuard.Verification.Drills.Engines.Directories;

/// <summary>An LDIF (what slapcat writes, plain or .gz) loaded into a throw-away OpenLDAP server, and counted there.</summary>
/// <param name="Ldif">The newest file that matches is loaded.</param>
/// <param name="Base">DN that must be there and under which everything lies; null for the DN of the LDIF's first entry.</param>
/// <param name="Schema">Names of schemas of the agent's machine (core, cosine, …) and files of the restored data (.schema, or .ldif as in slapcat -n 0), in their order.</param>
/// <param name="Persons">LDAP filter for what counts as a person.</param>
/// <param name="MaxAge">How long ago the newest entry may have been changed; null where nobody said.</param>
/// <param name="Timeout">For unpacking and loading, each.</param>
public sealed record LdapEngine(Glob Ldif, string? Base, IReadOnlyList<LdapSchema> Schema, string Persons, long MinEntries, long MinPersons, TimeSpan? MaxAge, TimeSpan Timeout) : Engine
{
    public static readonly IReadOnlyList<LdapSchema> UsualSchema = [.. ((string[])["core", "cosine", "inetorgperson", "nis"]).Select(n => new LdapSchema(n, null))];
    public const string UsualPersons = "(objectClass=person)";

    public override string Kind => "ldap";
    public override string Name => "ldap " + Ldif;

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("ldif", Ldif.ToString());
        if (Base is not null) json.WriteString("base", Base);
        DrillPlan.WriteAll(json, "schema", Schema.Select(s => s.ToString()));
        json.WriteString("persons", Persons);
        json.WriteNumber("minEntries", MinEntries);
        json.WriteNumber("minPersons", MinPersons);
        if (MaxAge is { } age) json.WriteNumber("maxAgeSeconds", (long)age.TotalSeconds);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}

/// <summary>One of the two is given.</summary>
/// <param name="Standard">A schema that the server's package brings, without folder and ending.</param>
/// <param name="Restored">A file of the restored data.</param>
public sealed record LdapSchema(string? Standard, RestoredPath? Restored)
{
    public override string ToString() => Standard ?? Restored!.ToString();
}

/// <summary>A directory that a drill has started.</summary>
/// <param name="Base">DN of its root.</param>
public sealed record RunningDirectory(string Base);
