using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Obligations;

/// <summary>What a draft may be filled with: what the run holds, and nothing else. Absent: unknown.</summary>
/// <param name="Hour">Writes an instant for the reader, with zone.</param>
public sealed record DraftSource(ObligationFacts Obligations, RunMode Mode, DateTimeOffset Now, Func<DateTimeOffset, string> Hour)
{
    public string RunId { get; init; } = "";

    /// <summary>As declared in the catalogue; empty: unknown.</summary>
    public string Establishment { get; init; } = "";

    /// <summary>In words for people, by name.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<string> StepsDone { get; init; } = [];
    public IReadOnlyList<string> StepsRunning { get; init; } = [];

    /// <summary>Known to be replaced by paper; none known is not none hit.</summary>
    public IReadOnlyList<string> Applications { get; init; } = [];
}

/// <param name="Known">False: at least a part is unknown, and the line says so in words.</param>
public sealed record DraftLine(string Field, string Label, string Text, bool Required, bool Known);

public sealed record DraftRecipient(string Label, string Contact);

/// <summary>The text of a notification, to be read, completed and sent by people. There is no code that sends it.</summary>
public sealed record ObligationDraft(string Title, string Intro, IReadOnlyList<DraftRecipient> Recipients, IReadOnlyList<DraftLine> Lines, bool Exercise)
{
    /// <summary>Fills the template of a row. What is unknown is written as unknown, never left out and never guessed.</summary>
    /// <returns>A draft without lines when the row has no template.</returns>
    public static ObligationDraft Of(ObligationDefinition definition, Duty duty, DraftSource source, string language)
    {
        var words = new Words(definition, source, language);
        var template = duty.Template is { } t ? definition.Template(t.Id) : null;
        var fields = template?.Fields.Select(f => definition.Fields.First(d => d.Id == f.Id)) ?? [];
        return new(words.Clean($"{words.Mark}{duty.Id.ToUpperInvariant()} {duty.Label.In(language)}"), words.Clean(words.Mark + (template?.Intro.In(language) ?? "")),
            [.. duty.Recipients.Select(r => new DraftRecipient(words.Clean(r.Label.In(language)), words.Contact(r.Contact)))],
            [.. fields.Select(f => words.Line(f, duty.RequiredFields.Any(r => r.Id == f.Id)))], source.Mode == RunMode.Exercise);
    }

    private sealed class Words(ObligationDefinition definition, DraftSource source, string language)
    {
        private bool IsExercise => source.Mode == RunMode.Exercise;

        public string Mark => IsExercise ? Say("EXERCICE - ", "EXERCISE - ") : "";

        private string Unknown => Say("inconnu à cette heure", "unknown at this hour");

        /// <summary>An exercise gives nobody a real number to call: the facilitator plays every recipient.</summary>
        public string Contact(string contact) => IsExercise ? Say("adresse neutralisée : l’animateur joue le destinataire", "address neutralised: the facilitator plays the recipient") : contact.Length > 0 ? contact : Say("numéro non renseigné, prenez l’annuaire", "number not filled in, take the directory");

        public string Clean(string text)
        {
            var shown = language == "en" ? text : FrenchText.Set(text);
            return IsExercise ? Neutral.Text(shown, Say("[neutralisé]", "[neutralised]")) : shown;
        }

        public DraftLine Line(DraftField field, bool required)
        {
            var known = field.Value.Length > 0;
            var text = Placeholder.Fill(field.Value, p =>
            {
                var value = p.Names.Select(Value).FirstOrDefault(v => !string.IsNullOrWhiteSpace(v));
                known &= value is not null;
                return value ?? Unknown;
            });
            return new(field.Id, Clean(field.Label.In(language)), Clean(text.Length > 0 ? text : Unknown), required, known);
        }

        private string? Value(string name) => name.Split('.') switch
        {
            ["event", var id] => Start(id) is { } start ? source.Hour(start.At) : null,
            ["event", var id, "motive"] => Start(id)?.Motive,
            ["event", var id, "by"] => Start(id)?.By.Name,
            ["sent", var id] => source.Obligations.Sent.TryGetValue(id, out var sent) ? $"{source.Hour(sent.At)}, {sent.Channel}, {sent.Proof}" : null,
            ["fact", var id] => source.Facts.GetValueOrDefault(id),
            ["evidence", var id] => source.Evidence.GetValueOrDefault(id),
            ["steps", "done"] => List(source.StepsDone),
            ["steps", "running"] => List(source.StepsRunning),
            ["applications"] => List(source.Applications),
            ["establishment"] => source.Establishment,
            ["run"] => source.RunId,
            ["now"] => source.Hour(source.Now),
            _ => null,
        };

        private Awareness? Start(string id) => definition.Event(id) is { } one ? RowMaker.Start(source.Obligations, one) : null;

        private static string? List(IReadOnlyList<string> items) => items.Count == 0 ? null : string.Join(" ; ", items);

        private string Say(string fr, string en) => language == "en" ? en : fr;
    }
}
