using System.Globalization;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runbooks.Guards;

namespace BackupGuard.Continuity.Obligations;

/// <summary>From nodes with places to the model. Nothing is judged here but the form; references are the linter's.</summary>
internal sealed class ObligationReader(IssueList issues)
{
    private const int MostDuties = 200;
    private static readonly int[] UsualReminders = [50, 80, 100];

    public ObligationDefinition? Read(YamlNode root)
    {
        if (MapReader.Open(root, ObligationShapes.File, issues) is not { } map)
        {
            return null;
        }

        map.OneOf("format", ObligationFile.Format);
        return new(map.Id("id"), map.Text("version", 32), Text(map.Node("title")), Zone(map))
        {
            Profiles = [.. Named(map, "profiles").Select(ReadProfile)],
            Roles = [.. Named(map, "roles").Select(e => new ObligationRole(e.Key.Value, Text(MapReader.Open(e.Value, ObligationShapes.Role, issues)?.Node("label")), At(e.Key)))],
            EscalateTo = References(map, "escalateTo"),
            Events = [.. Named(map, "events").Select(ReadEvent)],
            Duties = [.. map.Items("duties", MostDuties).Select(ReadDuty).OfType<Duty>()],
            Fields = [.. Named(map, "fields").Select(ReadField)],
            Templates = [.. Named(map, "templates").Select(ReadTemplate)],
        };
    }

    private TimeZoneInfo Zone(MapReader map)
    {
        var id = map.Text("timeZone");
        if (TimeZoneInfo.TryFindSystemTimeZoneById(id, out var found) && found.HasIanaId && found.Id == id)
        {
            return found;
        }

        if (id != "")
        {
            issues.Error("BG3012", map.Place("timeZone"), $"Fuseau horaire inconnu « {id} ». Écrivez par exemple Europe/Paris ou Indian/Reunion.", $"Unknown time zone “{id}”. Write for example Europe/Paris or Indian/Reunion.");
        }

        return TimeZoneInfo.Utc;
    }

    private ObligationProfile ReadProfile(YamlEntry entry)
    {
        var map = MapReader.Open(entry.Value, ObligationShapes.Profile, issues);
        if (!ObligationShapes.Words["profile"].Contains(entry.Key.Value))
        {
            issues.Error("BG3009", entry.Key, $"« {entry.Key.Value} » n’est pas un profil. Choisissez : {string.Join(", ", ObligationShapes.Words["profile"])}.", $"“{entry.Key.Value}” is not a profile. Choose: {string.Join(", ", ObligationShapes.Words["profile"])}.");
        }

        var mode = map?.OneOf("mode", ObligationShapes.Words["mode"]) switch { "on" => ProfileMode.On, "blanc" => ProfileMode.Blanc, _ => ProfileMode.Off };
        return new(entry.Key.Value, mode, map?.Bool("enacted") ?? true, map is null ? null : Day(map, "inForceFrom"), map?.TextOrEmpty("decider") ?? "", Text(map?.Node("label")), Text(map?.Node("stamp")), At(entry.Key));
    }

    private StartEvent ReadEvent(YamlEntry entry)
    {
        var map = MapReader.Open(entry.Value, ObligationShapes.Event, issues);
        return new(entry.Key.Value, Text(map?.Node("label")), map is null ? [] : References(map, "setBy"), Maybe(map, "propose"), map?.Id("proposeEvidence") ?? "", Maybe(map, "onSending"), At(entry.Key));
    }

    private DraftField ReadField(YamlEntry entry)
    {
        var map = MapReader.Open(entry.Value, ObligationShapes.Field, issues);
        return new(entry.Key.Value, Text(map?.Node("label")), map?.Text("value", 400) ?? "", At(entry.Key));
    }

    private DraftTemplate ReadTemplate(YamlEntry entry)
    {
        var map = MapReader.Open(entry.Value, ObligationShapes.Template, issues);
        return new(entry.Key.Value, Text(map?.Node("intro"), 300), map is null ? [] : References(map, "fields"), At(entry.Key));
    }

    private Duty? ReadDuty(YamlNode node)
    {
        if (MapReader.Open(node, ObligationShapes.Duty, issues) is not { } map)
        {
            return null;
        }

        return Rules(map, new(map.Id("id"), Text(map.Node("label")), At(map.Place("id")))
        {
            Enabled = map.Bool("enabled") ?? false,
            Profile = One(map, "profile"),
            StartEvent = One(map, "startEvent"),
            ValidatorRole = One(map, "validatorRole"),
            SenderRole = One(map, "senderRole"),
            Recipients = [.. map.Items("recipients", 20).Select(ReadRecipient).OfType<Recipient>()],
            Channels = [.. map.Ids("channels").Select(c => c.Value)],
            LegalBasis = map.Text("legalBasis", 300),
            Source = map.Text("source", 300),
            Notes = Text(map.Node("notes"), 400),
        });
    }

    private Duty Rules(MapReader map, Duty duty) => duty with
    {
        Due = Period(map, "due"),
        DueText = Text(map.Node("dueText")),
        DueAt = At(map.Place("due")),
        Target = Period(map, "target"),
        TargetAt = At(map.Place("target")),
        Reminders = Reminders(map),
        RequiredFields = References(map, "requiredFields"),
        Template = Maybe(map, "template"),
        SequenceAfter = References(map, "sequenceAfter"),
        Guards = [.. map.Items("guards", 10).Select(ReadGuard).OfType<DutyGuard>()],
        LateReasonRequired = map.OneOf("lateReason", ObligationShapes.Words["lateReason"]) is not null,
        Certainty = map.OneOf("certainty", ObligationShapes.Words["certainty"]) switch { "sourced" => Certainty.Sourced, "background" => Certainty.Background, _ => Certainty.Unknown },
        CheckedOn = Day(map, "checkedOn"),
        CheckedBy = map.TextOrEmpty("checkedBy", 120),
        CheckedAt = At(map.Place("checkedOn")),
    };

    private Recipient? ReadRecipient(YamlNode node) =>
        MapReader.Open(node, ObligationShapes.Recipient, issues) is { } map ? new(Text(map.Node("label")), map.Text("contact", 120)) : null;

    private DutyGuard? ReadGuard(YamlNode node)
    {
        if (MapReader.Open(node, ObligationShapes.Guard, issues) is not { } map)
        {
            return null;
        }

        var text = map.Text("condition", 500);
        if (text == "" || map.Node("condition") is not YamlScalar scalar)
        {
            return new(Text(map.Node("text")), null);
        }

        var result = GuardParser.Parse(text);
        var start = scalar.Column + (scalar.Quoted ? 1 : 0);
        if (result.Guard is { } guard)
        {
            return new(Text(map.Node("text")), new(text, guard, new(scalar.Line, start)));
        }

        issues.Add("BG3020", scalar.Line, start + result.Offset, $"Condition illisible : {result.Fr}.", $"Unreadable condition: {result.En}.", IssueLevel.Error);
        return null;
    }

    private List<int> Reminders(MapReader map)
    {
        if (!map.Has("reminders"))
        {
            return [.. UsualReminders];
        }

        var percents = new SortedSet<int>();
        foreach (var word in map.Words("reminders"))
        {
            if (int.TryParse(word.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent <= 100)
            {
                percents.Add(percent);
            }
            else
            {
                issues.Error("BG3077", word, $"Rappel « {word.Value} » : un nombre entier de 0 à 100, en pour cent du délai.", $"Reminder “{word.Value}”: a whole number from 0 to 100, in percent of the time allowed.");
            }
        }

        return [.. percents];
    }

    private LegalPeriod? Period(MapReader map, string key)
    {
        var text = map.TextOrEmpty(key, 20);
        if (text == "")
        {
            return null;
        }

        if (LegalPeriod.Parse(text) is { } period)
        {
            return period;
        }

        issues.Error("BG3008", map.Place(key), $"« {text} » n’est pas un délai. Écrivez par exemple PT72H, P3D, ou P1M pour un mois du calendrier ; vide s’il n’y a pas de chiffre.",
            $"“{text}” is not a time limit. Write for example PT72H, P3D, or P1M for a calendar month; empty when there is no figure.");
        return null;
    }

    private DateOnly? Day(MapReader map, string key)
    {
        var text = map.TextOrEmpty(key, 10);
        if (text == "")
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        issues.Error("BG3009", map.Place(key), $"« {text} » n’est pas une date : écrivez par exemple 2027-03-31, ou laissez vide.", $"“{text}” is not a date: write for example 2027-03-31, or leave it empty.");
        return null;
    }

    private LocalText Text(YamlNode? node, int max = 200) =>
        MapReader.Open(node, ObligationShapes.Text, issues) is { } text ? new(text.Text("fr", max), text.Text("en", max)) : LocalText.None;

    private IEnumerable<YamlEntry> Named(MapReader map, string key) => MapReader.Named(map.Node(key), issues, Identifiers.IsKebab);

    private static Reference One(MapReader map, string key) => new(map.Id(key), At(map.Place(key)));

    private static Reference? Maybe(MapReader? map, string key) => map is not null && map.Has(key) ? One(map, key) : null;

    private static List<Reference> References(MapReader map, string key) => [.. map.Ids(key).Select(w => new Reference(w.Value, At(w)))];

    private static Place At(YamlNode node) => new(node.Line, node.Column);
}
