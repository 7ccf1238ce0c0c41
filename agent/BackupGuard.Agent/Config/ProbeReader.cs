using BackupGuard.Agent.Config.Steps;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Config;

/// <summary>Reads the probes of a drill.</summary>
internal static class ProbeReader
{
    private static readonly Dictionary<string, (string[] Keys, Func<Section, Probe?> Read)> Kinds = new(StringComparer.Ordinal)
    {
        ["count"] = (["kind", "minFiles", "maxFiles", "minBytes", "maxBytes"], Count),
        ["exists"] = (["kind", "glob"], Exists),
        ["sha256"] = (["kind", "path", "sha256"], Sha256),
        ["newest"] = (["kind", "maxAge"], Newest),
        ["command"] = (["kind", "run", "exitCode", "timeout", "outputContains", "where"], Command),
        ["postgres"] = (SqlSteps.PostgresKeys, SqlSteps.Postgres),
        ["mariadb"] = (SqlSteps.MariaDbKeys, SqlSteps.MariaDb),
        ["sqlite"] = (SqlSteps.SqliteKeys, SqlSteps.Sqlite),
        ["sqlserver"] = (SqlSteps.SqlServerKeys, SqlSteps.SqlServer),
        ["sql"] = (SqlSteps.SqlKeys, SqlSteps.Sql),
        ["newest-date"] = (SqlSteps.NewestDateKeys, SqlSteps.NewestDate),
        ["ldap"] = (DirectorySteps.LdapKeys, DirectorySteps.Ldap),
        ["samba-ad"] = (DirectorySteps.SambaAdKeys, DirectorySteps.SambaAd),
        ["vm"] = (MachineSteps.VmKeys, MachineSteps.Vm),
        ["dicom"] = (["kind", "glob", "least", "timeout"], ContentSteps.Dicom),
        ["hl7"] = (["kind", "glob", "least", "uniqueIds", "timeout"], ContentSteps.Hl7),
        ["fhir"] = (["kind", "glob", "least", "references", "timeout"], ContentSteps.Fhir),
        ["compare"] = (["kind", "source", "below", "glob", "count", "share", "atLeast", "timeout"], ContentSteps.Compare),
        ["clamav"] = (["kind", "database", "socket", "maxAge", "overLimits", "sample", "timeout"], ScanSteps.Clamav),
        ["yara"] = (["kind", "rules", "sample", "timeout"], ScanSteps.Yara),
        ["start"] = (["kind", "service", "run", "port", "upFor", "timeout"], ProgramSteps.Start),
        ["tcp"] = (["kind", "service", "port", "timeout"], ProgramSteps.Tcp),
        ["http"] = (["kind", "service", "port", "path", "host", "status", "contains", "timeout"], ProgramSteps.Http),
        ["page"] = (["kind", "service", "port", "path", "title", "contains", "timeout"], ProgramSteps.Page),
    };

    /// <summary>The keys of each kind of step.</summary>
    internal static IEnumerable<(string Kind, IReadOnlyList<string> Keys)> Shapes => Kinds.Select(k => (k.Key, (IReadOnlyList<string>)k.Value.Keys));

    public static List<Probe> ReadAll(string key, YamlValue? value, List<ConfigProblem> problems)
    {
        var probes = new List<Probe>();
        if (value is null or YamlText { Value: "" }) return probes;
        if (value is not YamlList list)
        {
            problems.Add(new ConfigProblem(value.Line, value.Column, $"{key} must be a list, each item beginning with \"- kind: …\""));
            return probes;
        }
        foreach (var item in list.Items)
            if (Read(item, problems) is { } probe)
            {
                SqlSteps.CheckPlace(probe, probes, item, problems);
                probes.Add(probe);
            }
        return probes;
    }

    private static Probe? Read(YamlValue item, List<ConfigProblem> problems)
    {
        var kindNode = (item as YamlMap)?.Entries.FirstOrDefault(e => e.Key.Value == "kind").Value;
        if (kindNode is not YamlText kind)
        {
            problems.Add(new ConfigProblem(item.Line, item.Column, $"a probe needs a kind; write \"kind:\" and one of {string.Join(", ", Kinds.Keys)}"));
            return null;
        }
        if (!Kinds.TryGetValue(kind.Value, out var known))
        {
            var meant = Values.Closest(kind.Value, Kinds.Keys);
            problems.Add(new ConfigProblem(kind.Line, kind.Column, $"there is no probe of kind \"{Verification.Printable.Of(kind.Value)}\"; " +
                (meant is null ? $"write one of {string.Join(", ", Kinds.Keys)}" : $"did you mean \"{meant}\"?")));
            return null;
        }
        var before = problems.Count;
        var probe = known.Read(new Section(item, $"the probe {kind.Value}", known.Keys, problems));
        return problems.Count == before ? probe : null;
    }

    private static CountProbe Count(Section s)
    {
        var probe = new CountProbe(s.Number("minFiles", 0, long.MaxValue), s.Number("maxFiles", 0, long.MaxValue), Bytes(s, "minBytes"), Bytes(s, "maxBytes"));
        if (probe is (null, null, null, null)) s.RefuseWhole("it has no bound and would pass whatever was restored; write at least minFiles or minBytes");
        if (probe.MinFiles > probe.MaxFiles) s.RefuseKey("maxFiles", "it is below minFiles, nothing could pass");
        if (probe.MinBytes > probe.MaxBytes) s.RefuseKey("maxBytes", "it is below minBytes, nothing could pass");
        return probe;
    }

    internal static long? Bytes(Section s, string key)
    {
        if (s.Optional(key) is not { } text) return null;
        if (Values.TryBytes(text, out var bytes)) return bytes;
        s.RefuseKey(key, $"\"{text}\" is not a size; write bytes, or a number with kB, MB, GB, TB, KiB, MiB, GiB or TiB");
        return null;
    }

    private static ExistsProbe? Exists(Section s)
    {
        if (s.Required("glob", "\"**/base.dump\"") is not { } text) return null;
        if (Glob.TryParse(text, out var glob, out var refusal)) return new ExistsProbe(glob);
        s.RefuseKey("glob", refusal);
        return null;
    }

    private static Sha256Probe? Sha256(Section s)
    {
        var (path, hash) = (s.Required("path", "data/base.dump"), s.Required("sha256", "<64 hexadecimal digits>"));
        if (path is null || hash is null) return null;
        if (!RestoredPath.TryParse(path, out var restored, out var refusal)) s.RefuseKey("path", refusal);
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)) s.RefuseKey("sha256", "a SHA-256 has 64 hexadecimal digits; take them from sha256sum");
        return new Sha256Probe(restored, hash.ToLowerInvariant());
    }

    private static NewestProbe? Newest(Section s) => Duration(s, "maxAge", s.Required("maxAge", "PT26H")) is { } age ? new NewestProbe(age) : null;

    private static CommandProbe? Command(Section s)
    {
        var run = Arguments(s);
        var timeout = s.Find("timeout") is null ? TimeSpan.FromMinutes(5) : Duration(s, "timeout", s.Optional("timeout"));
        var exitCode = s.Find("exitCode") is null ? 0 : s.Number("exitCode", 0, 255);
        if (timeout > TimeSpan.FromDays(1)) s.RefuseKey("timeout", "a probe may take at most P1D");
        var where = s.Optional("where") ?? "room";
        if (where is not ("room" or "machine")) s.RefuseKey("where", "write room (without network, the default) or machine (it then sees this machine and its network)");
        return run is null || timeout is null || exitCode is null ? null : new CommandProbe(run, (int)exitCode, timeout.Value, s.Optional("outputContains"), where == "machine");
    }

    internal static List<string>? Arguments(Section s)
    {
        if (s.Find("run") is not YamlList { Items: [YamlText { Value: var program }, ..] items } || items.Any(i => i is not YamlText))
        {
            s.RefuseKey("run", "write a list: the program's full path, then each argument, as in [/usr/bin/pg_restore, --list, base.dump]; no shell reads it");
            return null;
        }
        // A bare name could be found in the restored folder, and the backup would then choose what runs.
        if (!Path.IsPathFullyQualified(program) && !program.StartsWith("/restored/", StringComparison.Ordinal)) s.RefuseKey("run", $"\"{program}\" is not a full path; write for example /usr/bin/{Path.GetFileName(program)}");
        return [.. items.Select(i => ((YamlText)i).Value)];
    }

    internal static TimeSpan? Duration(Section s, string key, string? text)
    {
        if (text is null) return null;
        if (Values.TryDuration(text, out var duration)) return duration;
        s.RefuseKey(key, $"\"{text}\" is not a duration; write for example PT26H, PT5M or P2D");
        return null;
    }
}
