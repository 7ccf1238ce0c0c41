using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <summary>A restore test in a pack.</summary>
public sealed class PackTest
{
    internal PackTest(LoggedEntry logged, DrillDocument? document) => (Logged, Document) = (logged, document);

    internal LoggedEntry Logged { get; }
    internal EvidenceEntry Entry => Logged.Entry;

    /// <summary>Null: this version cannot read it, and it counts as inconclusive.</summary>
    public DrillDocument? Document { get; }
    public Outcome Outcome => EvidenceWords.Verdict(Document?.Verdict ?? "");
    public string Page => string.Create(CultureInfo.InvariantCulture, $"rapports/test-{Logged.Sequence:000000000000}.html");
}

internal sealed record PackVerification(LoggedEntry Logged, VerifyDocument? Document)
{
    public EvidenceEntry Entry => Logged.Entry;
    public Outcome Outcome => EvidenceWords.Verdict(Document?.Verdict ?? "");
}

/// <param name="StartedAt">Null: it began before what was asked for.</param>
internal sealed record PackExercise(string Run, string Runbook, DateTimeOffset? StartedAt, int Entries, long FirstEntry);

/// <summary>What the pages of a pack show. Only what was asked for fills a box; what came along to judge it is counted apart.</summary>
public sealed class PackView
{
    internal PackView(PackOrder order, PackSelection selection, IReadOnlyDictionary<long, LoggedEntry> entries, DateTimeOffset asOf, LogHead head, string logKey)
    {
        (Order, Selection, Entries, AsOf, Head, LogKey) = (order, selection, entries, asOf, head, logKey);
        Readers = [new Reader(Language.French, order.Zone), new Reader(Language.English, order.Zone)];
        var asked = selection.Records.Where(r => r.Why.Contains(PackReasons.Selected) || r.Why.Contains(PackReasons.Received)).Select(r => entries[r.Index]).ToArray();
        Tests = [.. asked.Where(e => IsResult(e, FactProjection.DrillResult)).Select(e => new PackTest(e, Read(e, DocumentJson.Default.DrillDocument) is { Schema: DrillDocument.SchemaId } d ? d : null))];
        Verifications = [.. asked.Where(e => IsResult(e, FactProjection.VerifyResult)).Select(e => new PackVerification(e, Read(e, DocumentJson.Default.VerifyDocument) is { Schema: VerifyDocument.SchemaId } v ? v : null))];
        Exercises = [.. ExercisesAmong(asked, entries.Values)];
        Others = entries.Count - Tests.Count - Verifications.Count - Exercises.Sum(e => e.Entries);
    }

    /// <summary>French first, then English; in the establishment's own zone.</summary>
    public IReadOnlyList<Reader> Readers { get; }

    public string Establishment => Order.Catalogue.Establishment.Length > 0 ? Order.Catalogue.Establishment : Readers[0].Say(LayoutTexts.NoEstablishment);

    internal PackOrder Order { get; }
    internal PackSelection Selection { get; }
    internal IReadOnlyDictionary<long, LoggedEntry> Entries { get; }
    public DateTimeOffset AsOf { get; }
    public LogHead Head { get; }
    public string LogKey { get; }
    public IReadOnlyList<PackTest> Tests { get; }
    internal IReadOnlyList<PackVerification> Verifications { get; }
    internal IReadOnlyList<PackExercise> Exercises { get; }
    public int Others { get; }

    public string ApplicationName(Reader reader, string id) =>
        Order.Catalogue.Applications.FirstOrDefault(a => a.Id == id) is { } application ? reader.Choose(application.Name, application.NameEn) : id;

    public Application? Application(string id) => Order.Catalogue.Applications.FirstOrDefault(a => a.Id == id);

    private static bool IsResult(LoggedEntry logged, string type) => logged.Entry.Type == type && logged.Entry.Origin.StartsWith(AgentProjection.AgentPrefix, StringComparison.Ordinal);

    private static IEnumerable<PackExercise> ExercisesAmong(IEnumerable<LoggedEntry> asked, IEnumerable<LoggedEntry> all)
    {
        var lines = all.Select(e => (Logged: e, Line: LogLine.Of(e.Sequence, e.Entry, e.ReceivedAt))).Where(e => e.Line.Run is not null).ToArray();
        var starts = lines.Where(e => e.Line.StartsExercise).GroupBy(e => e.Line.Run!).ToDictionary(g => g.Key, g => g.First().Logged);     // filtered in front
        var wanted = asked.Select(e => e.Sequence).ToHashSet();
        foreach (var run in lines.Where(e => wanted.Contains(e.Logged.Sequence)).GroupBy(e => e.Line.Run!))     // filtered in front
        {
            if (!starts.TryGetValue(run.Key, out var start)) continue;
            yield return new PackExercise(run.Key, TextIn(start, "runbookId"), wanted.Contains(start.Sequence) ? start.Entry.RecordedAt : null, run.Count(), run.Min(e => e.Logged.Sequence));
        }
    }

    private static string TextIn(LoggedEntry logged, string member)
    {
        using var payload = JsonDocument.Parse(logged.Entry.Payload);
        return payload.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
    }

    // A payload that this version cannot read is still in the pack, as the bytes that were signed.
    private static T? Read<T>(LoggedEntry logged, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(logged.Entry.Payload.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
