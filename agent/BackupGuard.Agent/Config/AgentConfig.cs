using System.Text;
using BackupGuard.Agent.Driven;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Config;

/// <summary>Reads agent.yaml.</summary>
public static class AgentConfig
{
    internal static readonly string[] Keys = ["state", "server", "sites", "datasets", "repositories", "drills", "blackouts", "external"];

    /// <param name="addressRefusal">Says what is wrong with a repository's address, or null; only the formats know.</param>
    /// <exception cref="ConfigException">With every problem of the file.</exception>
    public static AgentSettings Load(string file, Func<string, string?> addressRefusal)
    {
        var full = Path.GetFullPath(file);
        try
        {
            var length = new FileInfo(full).Length;
            if (length > YamlReader.LargestBytes) throw new ConfigException([new ConfigProblem(0, 0, $"the file has {length} bytes, more than the {YamlReader.LargestBytes} that are read")], full);
            // Throws on invalid UTF-8 rather than reading question marks.
            using var text = new StreamReader(full, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
            return Read(text, full, addressRefusal);
        }
        catch (DecoderFallbackException)
        {
            throw new ConfigException([new ConfigProblem(0, 0, "the file is not UTF-8; save it as UTF-8")], full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException([new ConfigProblem(0, 0, $"the file cannot be read: {e.Message}")], full);
        }
    }

    internal static AgentSettings Read(TextReader text, string file, Func<string, string?> addressRefusal)
    {
        var problems = new List<ConfigProblem>();
        var folder = Path.GetDirectoryName(file) ?? "/";
        var top = new Section(YamlReader.Read(text, file), "the file", Keys, problems);

        var state = FullPath(top.Required("state", "/var/lib/backupguard-agent"), folder);
        var sites = CopiesReader.Sites(top);
        var datasets = CopiesReader.Datasets(top, sites, problems);
        var repositories = new List<RepositorySettings>();
        // A repository that is wrong in itself is still known by name: its drills need not be refused too.
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in top.Named("repositories"))
        {
            named.Add(name.Value);
            if (Repository(name.Value, value, folder, addressRefusal, sites, datasets, problems) is { } repository) repositories.Add(repository with { StateFolder = state ?? "" });
        }

        CopiesReader.RefuseTwins(repositories, top);
        var external = ExternalReader.ReadAll(top, problems);

        var drills = new List<DrillSettings>();
        foreach (var (name, value) in top.Named("drills"))
            if (DrillReader.Read(name.Value, value, folder, state, repositories, named, problems) is { } drill) drills.Add(drill);

        // A machine that only opens the sealed envelope needs none.
        if (named.Count == 0 && drills.Count == 0 && !top.IsBroken && problems.Count == 0) top.RefuseWhole("no repository is named; write \"repositories:\" and one below it");

        var blackouts = BlackoutReader.ReadAll(top);
        var server = Server(top);
        if (problems.Count > 0) throw new ConfigException([.. problems.OrderBy(p => p.Line).ThenBy(p => p.Column)], file);
        // Required reported its absence above.
        return new AgentSettings { File = file, StateFolder = state!, Server = server, Repositories = repositories, Drills = drills, Datasets = datasets, External = external, Blackouts = blackouts };
    }

    /// <summary>A relative path counts from the folder of the configuration file, not from wherever the service was started.</summary>
    internal static string? FullPath(string? text, string folder) => text is null ? null : Path.GetFullPath(text, folder);

    private static Uri? Server(Section top)
    {
        if (top.Optional("server") is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is "https" or "http" && server.UserInfo.Length == 0) return server;
        top.RefuseKey("server", "write the server's address such as https://backupguard.hospital.example, without a password in it");
        return null;
    }

    private static RepositorySettings? Repository(string name, YamlValue value, string folder, Func<string, string?> addressRefusal, IReadOnlyList<string> sites, IReadOnlyList<DatasetSettings> datasets, List<ConfigProblem> problems)
    {
        var before = problems.Count;
        var s = new Section(value, $"the repository {name}", ["address", "store", "tool", "passwordFile", "keyFile", "trustKey", "application", "verify", "retention", "encryption", "keys", "expects", "signals", "probe", "copy"], problems);
        var address = s.Required("address", "\"restic:/srv/backup\"");
        if (address is not null && addressRefusal(address) is { } refusal) s.RefuseKey("address", refusal);
        var application = s.Required("application", "dpi");
        if (application is not null && !Values.IsName(application)) s.RefuseKey("application", "an application's id has a-z, 0-9, \".\", \"_\" and \"-\" only");
        var passwordFile = FullPath(s.Optional("passwordFile"), folder);
        var keyFile = FullPath(s.Optional("keyFile"), folder);
        var trustKey = FullPath(s.Optional("trustKey"), folder);
        var store = s.Find("store") is { } where ? StoreReader.Read(name, where, folder, problems) : StoreSettings.Default;
        var tool = s.Find("tool") is { } how ? ToolReader.Read(name, address, how, folder, problems) : ToolSettings.Default;
        var policy = PolicyReader.Read(s, problems);
        var signals = SignalsReader.Read(s.Find("signals"), name, folder, problems);
        var verify = s.Find("verify") is { } v ? Verify(name, v, problems) : null;
        var probe = s.Find("probe") is { } p ? LockProbeReader.Read(name, p, folder, address is not null && addressRefusal(address) is null && ProbeOpener.IsFolder(RepositoryAddress.Parse(address).Location), problems) : null;
        var copy = s.Find("copy") is { } c ? CopiesReader.Read(name, c, sites, datasets, problems) : null;
        // Nothing was added to the problems: both are there.
        return problems.Count == before ? new RepositorySettings(name, address!, passwordFile, application!, verify) { KeyFile = keyFile, TrustedKeys = trustKey is null ? [] : [trustKey], Policy = policy, Store = store, Tool = tool, Signals = signals, LockProbe = probe, Copy = copy } : null;
    }

    private static VerifySchedule? Verify(string name, YamlValue value, List<ConfigProblem> problems)
    {
        var s = new Section(value, $"verify of {name}", ["cron", "timeZone", "readData", "nothingOlderThan"], problems);
        var calendar = ReadCalendar(s, s.Required("cron", "\"0 2 * * *\""));
        var text = s.Optional("readData") ?? "all";
        if (!Values.TryReadData(text, out var readData)) s.RefuseKey("readData", $"\"{text}\" is not an amount; write all, none, a percentage such as 5%, a size such as 10GiB or a time such as PT45M");
        var promise = VerifyOptions.DefaultPromise;
        if (s.Optional("nothingOlderThan") is { } days && !Values.TryDuration(days, out promise)) s.RefuseKey("nothingOlderThan", $"\"{days}\" is not a duration; write for example P31D");
        return calendar is null ? null : new VerifySchedule(calendar, readData, text, promise);
    }

    internal static Calendar? ReadCalendar(Section s, string? cron)
    {
        var zone = s.Required("timeZone", "Europe/Paris");
        if (zone is not null && !Calendar.TryZone(zone, out _, out var unknown)) { s.RefuseKey("timeZone", unknown); return null; }
        if (zone is null || cron is null) return null;
        if (Calendar.TryCreate(cron, zone, out var calendar, out var refusal)) return calendar;
        s.RefuseKey("cron", refusal);
        return null;
    }
}
