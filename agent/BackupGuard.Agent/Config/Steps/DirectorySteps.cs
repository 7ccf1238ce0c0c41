using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Directories;

namespace BackupGuard.Agent.Config.Steps;

/// <summary>Reads the steps that start restored directories: ldap, samba-ad.</summary>
internal static class DirectorySteps
{
    public static readonly string[] LdapKeys = ["kind", "ldif", "base", "schema", "persons", "minEntries", "minPersons", "maxAge", "timeout"];

    public static LdapEngine? Ldap(Section s)
    {
        var before = s.Problems.Count;
        var ldif = StepValues.Pattern(s, "ldif", "\"ldap/*.ldif.gz\"");
        var root = s.Optional("base");
        if (root is not null && (!root.Contains('=', StringComparison.Ordinal) || root.Any(char.IsControl))) s.RefuseKey("base", "write the directory's topmost name, for example dc=hospital,dc=example");
        var persons = s.Optional("persons") ?? LdapEngine.UsualPersons;
        if (persons is not ['(', .., ')']) s.RefuseKey("persons", "write an LDAP filter in parentheses, for example (objectClass=person)");
        var schema = Schema(s);
        var (minEntries, minPersons) = (s.Number("minEntries", 1, long.MaxValue) ?? 1, s.Number("minPersons", 0, long.MaxValue) ?? 1);
        var maxAge = ProbeReader.Duration(s, "maxAge", s.Optional("maxAge"));
        var timeout = StepValues.Timeout(s, TimeSpan.FromHours(1));
        return ldif is null || timeout is null || s.Problems.Count != before ? null : new LdapEngine(ldif, root, schema, persons, minEntries, minPersons, maxAge, timeout.Value);
    }

    public static readonly string[] SambaAdKeys = ["kind", "backup", "minUsers", "minComputers", "minGroups", "machinePasswordAge", "timeout"];

    public static SambaAdEngine? SambaAd(Section s)
    {
        var before = s.Problems.Count;
        var backup = StepValues.Pattern(s, "backup", "\"ad/samba-backup-*.tar.bz2\"");
        // Administrator, Guest and krbtgt are in every domain: three users prove nothing.
        var (users, computers, groups) = (s.Number("minUsers", 1, long.MaxValue) ?? 4, s.Number("minComputers", 0, long.MaxValue) ?? 1, s.Number("minGroups", 1, long.MaxValue) ?? 1);
        var rotation = ProbeReader.Duration(s, "machinePasswordAge", s.Optional("machinePasswordAge")) ?? SambaAdEngine.UsualMachinePasswordAge;
        if (rotation <= TimeSpan.Zero) s.RefuseKey("machinePasswordAge", "write how often machines change their password, for example P30D");
        var timeout = StepValues.Timeout(s, TimeSpan.FromHours(1));
        return backup is null || timeout is null || s.Problems.Count != before ? null : new SambaAdEngine(backup, users, computers, groups, rotation, timeout.Value);
    }

    private static IReadOnlyList<LdapSchema> Schema(Section s)
    {
        if (s.Find("schema") is not { } value) return LdapEngine.UsualSchema;
        if (value is not YamlList { Items.Count: > 0 } list || list.Items.Any(i => i is not YamlText { Value.Length: > 0 }))
        {
            s.RefuseKey("schema", "write a list of schemas, as in [core, cosine, inetorgperson, ldap/hospital.schema] or [ldap/config.ldif]; remove the line for the usual four");
            return [];
        }
        var schemas = new List<LdapSchema>();
        foreach (var text in list.Items.Select(i => ((YamlText)i).Value))
        {
            if (text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) schemas.Add(new LdapSchema(text, null));
            else if (!text.EndsWith(".schema", StringComparison.OrdinalIgnoreCase) && !text.EndsWith(".ldif", StringComparison.OrdinalIgnoreCase))
                s.RefuseKey("schema", $"\"{Verification.Printable.Of(text)}\" is neither the name of a schema on this machine nor a restored file that ends in .schema or .ldif");
            else if (RestoredPath.TryParse(text, out var path, out var refusal)) schemas.Add(new LdapSchema(null, path));
            else s.RefuseKey("schema", refusal);
        }
        return schemas;
    }
}
