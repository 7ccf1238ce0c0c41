using BackupGuard.Verification.External;

namespace BackupGuard.Agent.Config;

/// <summary>Somebody else whose results of restore tests may be taken in: external in agent.yaml.</summary>
/// <param name="Tenant">Account, cluster or backup server that the results must be from.</param>
/// <param name="Subjects">Machines or resources that must be among the results; others are passed over. Empty: all.</param>
public sealed record ExternalSettings(string Name, ExternalProduct Product, string Application, string Tenant, IReadOnlyList<string> Subjects);

/// <summary>Reads external.</summary>
internal static class ExternalReader
{
    public static IReadOnlyList<ExternalSettings> ReadAll(Section top, List<ConfigProblem> problems)
    {
        var all = new List<ExternalSettings>();
        foreach (var (name, value) in top.Named("external"))
        {
            var before = problems.Count;
            var s = new Section(value, $"external {name.Value}", ["product", "application", "tenant", "subjects"], problems);
            var word = s.Required("product", "veeam-surebackup");
            var product = word is null ? null : ExternalProducts.Parse(word);
            if (word is not null && product is null)
                s.RefuseKey("product", $"\"{Verification.Printable.Of(word)}\" is not known; " + (Values.Closest(word, ExternalProducts.Words) is { } meant ? $"did you mean \"{meant}\"?" : $"write one of {string.Join(", ", ExternalProducts.Words)}"));
            var application = s.Required("application", "dpi");
            if (application is not null && !Values.IsName(application)) s.RefuseKey("application", "an application's id has a-z, 0-9, \".\", \"_\" and \"-\" only");
            var tenant = s.Required("tenant", "\"123456789012\"");
            var subjects = new List<string>();
            switch (s.Find("subjects"))
            {
                case null: break;
                case YamlList list when list.Items.All(i => i is YamlText { Value.Length: > 0 and <= 300 }): subjects.AddRange(list.Items.OfType<YamlText>().Select(t => t.Value)); break;
                default: s.RefuseKey("subjects", "must be a list of names, such as [srv-dpi]"); break;
            }
            if (problems.Count == before) all.Add(new ExternalSettings(name.Value, product!.Value, application!, tenant!, subjects));    // nothing was added to the problems: all are there
        }
        return all;
    }
}
