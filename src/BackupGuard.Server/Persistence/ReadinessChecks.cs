using System.Data.Common;
using System.Globalization;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Copies;
using BackupGuard.Server.Features.Readiness;

namespace BackupGuard.Server.Persistence;

/// <summary>Derives readiness twice: from the signed entries alone, and from what is stored, as pages do. A difference says for which application a stored change would have been believed.</summary>
internal sealed class ReadinessChecks(HospitalCatalogue catalogue)
{
    private readonly List<ProofFact> facts = [];
    private readonly Dictionary<(string KeyId, long Counter), (OpenIntentRow Intent, DateTimeOffset ReceivedAt)> open = [];
    private readonly CopiesFold copies = new();

    public void Take(FactRow fact, long receivedAtMs) => facts.Add(FactProjection.ToFact(fact, Time(receivedAtMs)));

    public void Take(long position, VerifiedEntry verified, long receivedAtMs)
    {
        var entry = verified.Entry;
        copies.Take(new LoggedEntry(position, verified, Time(receivedAtMs)));
        if (entry.Intent is { } closed)
        {
            open.Remove((entry.KeyId, closed));
        }
        if (entry.IsIntent)
        {
            var intent = new OpenIntentRow { Seq = position, KeyId = entry.KeyId, Counter = entry.Counter, Origin = entry.Origin, Type = entry.Type, Application = entry.Application };
            open[(entry.KeyId, entry.Counter)] = (intent, Time(receivedAtMs));
        }
    }

    /// <returns>One for each application whose answer differs, in words.</returns>
    public IEnumerable<(string Application, string Stored, string Signed)> Differences(DbConnection connection, DateTimeOffset now)
    {
        var signed = Answers([.. facts, .. Unfinished(open.Values, now)], now);
        var stored = Answers([.. StoredFacts(connection), .. Unfinished(StoredIntents(connection), now)], now);
        return signed.Keys.Union(stored.Keys).Order(StringComparer.Ordinal)
            .Select(a => (a, stored.GetValueOrDefault(a, "not known"), signed.GetValueOrDefault(a, "not known"))).Where(d => d.Item2 != d.Item3);
    }

    private Dictionary<string, string> Answers(IReadOnlyList<ProofFact> known, DateTimeOffset now)
    {
        var hospital = ReadinessRules.Evaluate(catalogue, known, now, CopiesJudgement.Vetoes(copies.Known, known, catalogue.Applications.Select(a => a.Id), now));
        var answers = hospital.Applications.ToDictionary(a => a.ApplicationId, Words, StringComparer.Ordinal);
        foreach (var uncatalogued in hospital.UncataloguedApplications)
        {
            answers[uncatalogued] = "not in the catalogue";
        }
        return answers;
    }

    private static string Words(ApplicationReadiness a) => string.Create(CultureInfo.InvariantCulture,
        $"{ReadinessOrder.English(a.State)} ({string.Join(", ", a.Reasons.Select(r => $"{r.Code} by entry {r.EvidenceSequence?.ToString(CultureInfo.InvariantCulture) ?? "none"}: {r.En}"))}; proved {a.ProvedAt:u}, until {a.ExpiresAt:u})");

    private static IEnumerable<ProofFact> Unfinished(IEnumerable<(OpenIntentRow Intent, DateTimeOffset ReceivedAt)> intents, DateTimeOffset now) => intents
        .Where(i => i.Intent.Origin.StartsWith(AgentProjection.AgentPrefix, StringComparison.Ordinal) && i.ReceivedAt < now - ReadinessService.IntentTimeout)
        .Select(i => FactProjection.ToFact(i.Intent, i.ReceivedAt)).OfType<ProofFact>();

    private static List<ProofFact> StoredFacts(DbConnection connection)
    {
        using var command = connection.Command($"SELECT e.received_at, {string.Join(", ", Projections.FactColumns.Split(", ").Select(c => "f." + c))} FROM facts f JOIN entries e ON e.seq = f.seq ORDER BY f.seq");
        using var row = command.ExecuteReader();
        var stored = new List<ProofFact>();
        while (row.Read())
        {
            // A word that no version of ours writes is reported with the fact itself, and believed by no page.
            if (Enum.TryParse<ProofKind>(row.GetString(3), out _) && Enum.TryParse<Outcome>(row.GetString(4), out _))
            {
                stored.Add(FactProjection.ToFact(Fact(row), Time(row.GetInt64(0))));
            }
        }
        return stored;
    }

    private static FactRow Fact(DbDataReader row) => new()
    {
        Seq = row.GetInt64(1),
        Application = row.GetString(2),
        Kind = row.GetString(3),
        Outcome = row.GetString(4),
        At = Time(row.GetInt64(5)),
        Name = row.GetString(6),
        Agent = row.GetString(7),
        DefinitionHash = row.GetString(8),
        RecoveryTimeMs = row.LongOrNull(9),
        RecoveryPointMs = row.LongOrNull(10),
        Coverage = row.GetDouble(11),
        AlarmRang = row.LongOrNull(12) is { } rang ? rang != 0 : null,
        ReasonFr = row.GetString(13),
        ReasonEn = row.GetString(14),
    };

    private static List<(OpenIntentRow, DateTimeOffset)> StoredIntents(DbConnection connection)
    {
        using var command = connection.Command("SELECT i.seq, i.key_id, i.counter, i.origin, i.type, i.application, e.received_at FROM open_intents i JOIN entries e ON e.seq = i.seq");
        using var row = command.ExecuteReader();
        var stored = new List<(OpenIntentRow, DateTimeOffset)>();
        while (row.Read())
        {
            var intent = new OpenIntentRow { Seq = row.GetInt64(0), KeyId = row.GetString(1), Counter = row.GetInt64(2), Origin = row.GetString(3), Type = row.GetString(4), Application = row.GetString(5) };
            stored.Add((intent, Time(row.GetInt64(6))));
        }
        return stored;
    }

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
