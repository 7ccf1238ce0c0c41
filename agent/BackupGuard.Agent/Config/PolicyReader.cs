using BackupGuard.Verification.Checks;

namespace BackupGuard.Agent.Config;

/// <summary>What a repository of agent.yaml is expected to be: retention, encryption, keys, expects.</summary>
internal static class PolicyReader
{
    private const int ShortestKey = 8;

    public static CopyPolicy Read(Section s, List<ConfigProblem> problems) => new()
    {
        Retention = Duration(s, "retention", "P30D"),
        EncryptionRequired = Encryption(s),
        AnnouncedKeys = Keys(s),
        Expected = [.. s.Named("expects").Select(e => Dataset(e.Key.Value, e.Value, problems))],
    };

    private static bool Encryption(Section s)
    {
        var text = s.Optional("encryption") ?? "any";
        if (text is not ("required" or "any")) s.RefuseKey("encryption", $"\"{text}\" is neither required nor any");
        return text == "required";
    }

    private static List<string> Keys(Section s)
    {
        var keys = new List<string>();
        switch (s.Find("keys"))
        {
            case null:
                break;
            case YamlList list:
                foreach (var item in list.Items)
                {
                    if (item is YamlText { Value.Length: >= ShortestKey } text) keys.Add(text.Value);
                    else s.Refuse(item, $"keys: give at least {ShortestKey} characters of the key's id, as inspect shows it");
                }
                break;
            default:
                s.RefuseKey("keys", "must be a list of keys' ids");
                break;
        }
        return keys;
    }

    private static ExpectedDataset Dataset(string name, YamlValue value, List<ConfigProblem> problems)
    {
        var s = new Section(value, $"the dataset {name}", ["host", "path", "tag", "pdma", "newestFile"], problems);
        var dataset = new ExpectedDataset(name, s.Optional("host"), s.Optional("path"), s.Optional("tag"), Duration(s, "pdma", "PT26H"), Duration(s, "newestFile", "P2D"));
        if (dataset is { Pdma: null, NewestFile: null } && !s.IsBroken && problems.Count == 0) s.RefuseWhole("the key \"pdma\" is missing; write for example \"pdma: PT26H\"");
        return dataset;
    }

    private static TimeSpan? Duration(Section s, string key, string example)
    {
        if (s.Optional(key) is not { } text) return null;
        if (Values.TryDuration(text, out var duration)) return duration;
        s.RefuseKey(key, $"\"{text}\" is not a duration; write for example {example}");
        return null;
    }
}
