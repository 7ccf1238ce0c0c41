using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Catalogue;

/// <summary>Reads <c>backupguard.catalogue/v1</c>: what the hospital runs, and what it expects of it.</summary>
public static class CatalogueFile
{
    public const string Format = "backupguard.catalogue/v1";

    private static readonly Shape File = new("catalogue", ["format", "establishment", "timeZone", "applications"], []);
    private static readonly Shape App = new("application", ["id", "name"],
        ["nameEn", "service", "vital", "dmia", "mtpd", "pdma", "proofValidFor", "dependsOn", "owner"]);

    /// <param name="fileName">Only for the messages: nothing is opened here.</param>
    public static DefinitionResult<HospitalCatalogue> Parse(string yaml, string fileName)
    {
        var issues = new IssueList(fileName);
        if (MapReader.Open(StrictYaml.Read(yaml, issues), File, issues) is not { } file)
        {
            return issues.Result<HospitalCatalogue>(null);
        }

        file.OneOf("format", Format);
        var establishment = file.Text("establishment");
        var zone = TimeZone(file, issues);
        var applications = Applications(file, issues);
        return issues.Result(new HospitalCatalogue(establishment, zone, applications));
    }

    private static string TimeZone(MapReader file, IssueList issues)
    {
        var zone = file.Text("timeZone");
        if (zone != "" && !(TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) && found.HasIanaId && found.Id == zone))
        {
            issues.Error("BG3012", file.Place("timeZone"), $"Fuseau horaire inconnu « {zone} ». Écrivez par exemple Europe/Paris ou Indian/Reunion.", $"Unknown time zone “{zone}”. Write for example Europe/Paris or Indian/Reunion.");
        }

        return zone;
    }

    private static List<Application> Applications(MapReader file, IssueList issues)
    {
        var read = new List<(Application Value, MapReader Map)>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in file.Items("applications", max: 10_000))
        {
            if (MapReader.Open(item, App, issues) is not { } map)
            {
                continue;
            }

            var application = ReadApplication(map, issues);
            if (application.Id != "" && !ids.Add(application.Id))
            {
                issues.Error("BG3013", map.Place("id"), $"L’application « {application.Id} » est déclarée deux fois.", $"The application “{application.Id}” is declared twice.");
            }

            read.Add((application, map));
        }

        if (file.Node("applications") is YamlSequence { Items.Count: 0 } empty)
        {
            issues.Error("BG3009", empty, "Aucune application : un catalogue vide ne répond à rien.", "No application: an empty catalogue answers nothing.");
        }

        CheckDependencies(read, ids, issues);
        return [.. read.Select(r => r.Value)];
    }

    private static Application ReadApplication(MapReader map, IssueList issues)
    {
        var application = new Application(map.Id("id"), map.Text("name"))
        {
            NameEn = map.Text("nameEn"),
            Service = map.Text("service"),
            Vital = map.Bool("vital") ?? false,
            RecoveryTimeObjective = map.Duration("dmia"),
            MaximumTolerablePeriod = map.Duration("mtpd"),
            RecoveryPointObjective = map.Duration("pdma"),
            ProofValidFor = map.Duration("proofValidFor") ?? TimeSpan.FromDays(90),
            DependsOn = [.. map.Ids("dependsOn").Select(d => d.Value)],
            Owner = map.Text("owner"),
        };
        if (application is { RecoveryTimeObjective: { } objective, MaximumTolerablePeriod: { } limit } && objective > limit)
        {
            issues.Error("BG3014", map.Place("dmia"),
                $"L’objectif de reprise ({Iso8601.Write(objective)}) dépasse la limite absolue ({Iso8601.Write(limit)}). « dmia » est ici l’objectif, au sens de l’ANSSI ; la limite va dans « mtpd ».",
                $"The recovery time objective ({Iso8601.Write(objective)}) is beyond the absolute limit ({Iso8601.Write(limit)}). “dmia” is the objective here; the limit goes to “mtpd”.");
        }

        return application;
    }

    private static void CheckDependencies(List<(Application Value, MapReader Map)> read, HashSet<string> ids, IssueList issues)
    {
        foreach (var (_, map) in read)
        {
            foreach (var dependency in map.Node("dependsOn") is YamlSequence { } list ? list.Items.OfType<YamlScalar>() : [])
            {
                if (Identifiers.IsKebab(dependency.Value) && !ids.Contains(dependency.Value))
                {
                    var nearest = Identifiers.Nearest(dependency.Value, ids);
                    issues.Error("BG3015", dependency,
                        $"Dépendance inconnue « {dependency.Value} »." + (nearest is null ? "" : $" Vouliez-vous « {nearest} » ?"),
                        $"Unknown dependency “{dependency.Value}”." + (nearest is null ? "" : $" Did you mean “{nearest}”?"));
                }
            }
        }

        var byId = read.GroupBy(r => r.Value.Id).ToDictionary(g => g.Key, g => g.First());
        var cycle = Cycles.Find(byId.Keys, id => byId.TryGetValue(id, out var a) ? a.Value.DependsOn : []);
        if (cycle.Count > 0)
        {
            var path = string.Join(" → ", cycle);
            issues.Error("BG3016", byId[cycle[0]].Map.Place("dependsOn"),
                $"Les dépendances tournent en rond : {path}. Décidez laquelle démarre en mode dégradé.",
                $"The dependencies run in a circle: {path}. Decide which one starts in degraded mode.");
        }
    }
}
