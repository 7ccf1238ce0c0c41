namespace BackupGuard.Agent.Config;

/// <summary>Data that live somewhere, and of which repositories are copies: datasets in agent.yaml.</summary>
/// <param name="Medium">What the data themselves lie on; null where this agent is not told.</param>
/// <param name="Site">Where they live; null likewise.</param>
public sealed record DatasetSettings(string Name, string Application, string? Medium, string? Site);

/// <summary>The section <c>copy</c> of a repository: of what it is a copy, on what and where.</summary>
/// <param name="Of">Names of datasets.</param>
/// <param name="Offline">By procedure it is disconnected most of the time; that somebody saw it so is recorded by `copies seen-offline`.</param>
public sealed record CopySettings(IReadOnlyList<string> Of, string Medium, string Site, bool Offline);

/// <summary>Reads sites, datasets and the section copy. Media and sites are words of closed lists: one letter more would make two places of one.</summary>
internal static class CopiesReader
{
    public static readonly IReadOnlyList<string> Media = ["disk", "object", "tape", "removable", "optical"];

    public static IReadOnlyList<string> Sites(Section top)
    {
        switch (top.Find("sites"))
        {
            case null:
                return [];
            case YamlList list:
                foreach (var item in list.Items)
                    if (item is not YamlText { Value: var name } || !Values.IsName(name)) top.Refuse(item, "sites: a site's name has a-z, 0-9, \".\", \"_\" and \"-\" only");
                return [.. list.Items.OfType<YamlText>().Select(t => t.Value).Where(Values.IsName)];
            default:
                top.RefuseKey("sites", "must be a list of names, such as [principal, secours]");
                return [];
        }
    }

    public static IReadOnlyList<DatasetSettings> Datasets(Section top, IReadOnlyList<string> sites, List<ConfigProblem> problems)
    {
        var datasets = new List<DatasetSettings>();
        foreach (var (name, value) in top.Named("datasets"))
        {
            var s = new Section(value, $"the dataset {name.Value}", ["application", "medium", "site"], problems);
            var application = s.Required("application", "dpi");
            if (application is not null && !Values.IsName(application)) s.RefuseKey("application", "an application's id has a-z, 0-9, \".\", \"_\" and \"-\" only");
            datasets.Add(new DatasetSettings(name.Value, application ?? "", Medium(s, s.Optional("medium")), Site(s, s.Optional("site"), sites)));
        }
        return datasets;
    }

    public static CopySettings? Read(string repository, YamlValue value, IReadOnlyList<string> sites, IReadOnlyList<DatasetSettings> datasets, List<ConfigProblem> problems)
    {
        var before = problems.Count;
        var s = new Section(value, $"copy of {repository}", ["of", "medium", "site", "offline"], problems);
        var of = new List<string>();
        foreach (var item in s.Find("of") switch { YamlList list => list.Items, { } one => [one], null => [] })
        {
            var name = (item as YamlText)?.Value ?? "";
            if (datasets.Any(d => d.Name == name)) of.Add(name);
            else s.Refuse(item, $"of: no dataset is named \"{Verification.Printable.Of(name)}\"; " + (Values.Closest(name, datasets.Select(d => d.Name)) is { } meant ? $"did you mean \"{meant}\"?" : "name it under datasets"));
        }
        if (of.Count == 0 && !s.IsBroken && problems.Count == before) s.RefuseWhole("the key \"of\" is missing; write for example \"of: [dpi-base]\"");
        var medium = Medium(s, s.Required("medium", "object"));
        var site = Site(s, s.Required("site", "secours"), sites);
        var offline = s.Optional("offline") ?? "false";
        if (offline is not ("true" or "false")) s.RefuseKey("offline", "write true for a copy that is disconnected by procedure, or leave it out");
        return problems.Count == before ? new CopySettings([.. of.Distinct(StringComparer.Ordinal)], medium!, site!, offline == "true") : null;    // nothing was added to the problems: both are there
    }

    /// <summary>One place that is named twice would count as two copies.</summary>
    public static void RefuseTwins(IReadOnlyList<RepositorySettings> repositories, Section top)
    {
        var copies = repositories.SelectMany(r => (r.Copy?.Of ?? []).Select(d => (Dataset: d, Repository: r)));
        foreach (var twins in copies.GroupBy(c => (c.Dataset, c.Repository.Address.TrimEnd('/'))).Where(g => g.Count() > 1))
            top.RefuseKey("repositories", $"{string.Join(" and ", twins.Select(t => t.Repository.Name))} lie at one address and are both named a copy of {twins.Key.Dataset}; one place is one copy");
    }

    private static string? Medium(Section s, string? word)
    {
        if (word is null || Media.Contains(word)) return word;
        s.RefuseKey("medium", $"\"{Verification.Printable.Of(word)}\" is not known; " + (Values.Closest(word, Media) is { } meant ? $"did you mean \"{meant}\"?" : $"write one of {string.Join(", ", Media)}"));
        return null;
    }

    private static string? Site(Section s, string? word, IReadOnlyList<string> sites)
    {
        if (word is null || sites.Contains(word)) return word;
        s.RefuseKey("site", $"\"{Verification.Printable.Of(word)}\" is not among the sites of this file; " + (Values.Closest(word, sites) is { } meant ? $"did you mean \"{meant}\"?" : "name it under sites"));
        return null;
    }
}
