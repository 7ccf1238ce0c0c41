using System.Globalization;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.Postgres;

/// <summary>What a dump says about itself before it is loaded.</summary>
/// <param name="Rows">Rows of COPY; 0 where the form does not show them.</param>
internal sealed partial record DumpLook(bool Complete, bool Broken, bool Begun, bool Cluster, int Tables, long Rows, string Encoding, string? Database, int? DumpedBy, IReadOnlyList<string> Roles, IReadOnlyList<string> Tablespaces, IReadOnlyList<string> Extensions, bool CreatesDatabase)
{
    private const int MostRoles = 10_000;

    /// <param name="list">What pg_restore -l printed, or null for a plain dump.</param>
    /// <param name="scan">What <see cref="DumpCommands.Look"/> printed.</param>
    public static DumpLook? Of(string? list, string scan)
    {
        if (StateLine().Match(scan) is not { Success: true } state) return null;
        int Number(int group) => int.TryParse(state.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var dumpedBy = DumpedByLine().Match(list ?? scan) is { Success: true } by ? int.Parse(by.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : (int?)null;
        return new DumpLook(
            Complete: Number(1) > 0 && Number(2) == Number(1) && Number(3) == 0, Broken: Number(4) > 0, Begun: Number(1) > 0, Cluster: Number(5) > 0,
            Tables: list is null ? Number(6) : TableLine().Count(list), Rows: long.TryParse(state.Groups[7].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) ? rows : 0,
            Encoding: EncodingLine().Match(scan) is { Success: true } encoding ? encoding.Groups[1].Value : "UTF8",
            Database: list is not null && DatabaseLine().Match(list) is { Success: true } database ? database.Groups[1].Value : null,
            DumpedBy: dumpedBy, Roles: RolesOf(scan), Tablespaces: [.. TablespaceLine().Matches(scan).Select(m => Unquoted(m.Groups[1].Value)).Where(t => t is not ("pg_default" or "pg_global")).Distinct().Take(MostRoles)],
            Extensions: [.. ExtensionLine().Matches(scan).Select(m => Unquoted(m.Groups[1].Value)).Distinct()],
            CreatesDatabase: scan.Contains("\nCREATE DATABASE ", StringComparison.Ordinal) || scan.StartsWith("CREATE DATABASE ", StringComparison.Ordinal));
    }

    public static string Quoted(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static List<string> RolesOf(string scan) =>
    [
        .. RoleLine().Matches(scan).SelectMany(m => Identifier().Matches(m.Groups[1].Value)).Select(m => m.Value)
            .Where(n => n is not ("PUBLIC" or "CURRENT_USER" or "SESSION_USER" or "CURRENT_ROLE")).Select(Unquoted).Distinct().Take(MostRoles),
    ];

    private static string Unquoted(string name) => name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    [GeneratedRegex(@"^\u0001state begun=([0-9]+) complete=([0-9]+) copying=([0-9]+) broken=([0-9]+) cluster=([0-9]+) tables=([0-9]+) rows=([0-9]+)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex StateLine();

    [GeneratedRegex(@"^(?:;\s+|-- )Dumped by pg_dump version:? ([0-9]{1,3})", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex DumpedByLine();

    [GeneratedRegex(@"^;\s+dbname: (.+)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex DatabaseLine();

    /// <summary>A line of the archive's table of contents: number; catalogue, oid, kind, schema, name, owner.</summary>
    [GeneratedRegex(@"^[0-9]+; [0-9]+ [0-9]+ TABLE (?!DATA |ATTACH )", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex TableLine();

    [GeneratedRegex(@"^SET client_encoding = '([A-Za-z0-9_]{1,30})';$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex EncodingLine();

    [GeneratedRegex(@"^(?:SET default_tablespace = |CREATE DATABASE .* TABLESPACE = )(""(?:[^""]|"""")+""|[A-Za-z_][A-Za-z0-9_$]*)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex TablespaceLine();

    [GeneratedRegex(@"^CREATE EXTENSION (?:IF NOT EXISTS )?(""[^""]{1,63}""|[A-Za-z0-9_-]{1,63})", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex ExtensionLine();

    [GeneratedRegex(@"^(?:.* OWNER TO |GRANT .* TO |REVOKE .* FROM |ALTER DEFAULT PRIVILEGES FOR ROLE |CREATE SCHEMA .* AUTHORIZATION |SET SESSION AUTHORIZATION |CREATE POLICY .* TO )((?:""(?:[^""]|"""")+""|[A-Za-z_][A-Za-z0-9_$]*)(?:, (?:""(?:[^""]|"""")+""|[A-Za-z_][A-Za-z0-9_$]*))*)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex RoleLine();

    [GeneratedRegex(@"""(?:[^""]|"""")+""|[A-Za-z_][A-Za-z0-9_$]*", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
