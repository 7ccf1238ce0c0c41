using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;

namespace BackupGuard.Server.Ui;

/// <summary>One application with what may be said of it now: a row of every ledger.</summary>
public sealed record ApplicationLine(Application Application, ApplicationReadiness Readiness, DateTimeOffset At)
{
    private const int StripLength = 8;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Every declared application. One of which the readiness says nothing is unproven: it is never left out.</summary>
    public static IReadOnlyList<ApplicationLine> All(HospitalReadiness readiness, HospitalCatalogue catalogue)
    {
        var known = readiness.Applications.ToDictionary(r => r.ApplicationId, StringComparer.Ordinal);
        return [.. catalogue.Applications.Select(application => new ApplicationLine(
            application,
            known.GetValueOrDefault(application.Id) ?? new ApplicationReadiness(application.Id, ReadinessState.Unproven, [], null, null),
            readiness.At))];
    }

    public ReadinessState State => Readiness.State;
    public DateTimeOffset? ProvedAt => Readiness.ProvedAt;
    public DateTimeOffset? ExpiresAt => Readiness.ExpiresAt;

    /// <summary>Restore tests only, newest first.</summary>
    public IReadOnlyList<ProofFact> Drills => [.. Readiness.History.Where(f => f.Kind == ProofKind.Drill).OrderByDescending(f => f.At)];

    /// <summary>The last test that can have happened: a date ahead of now is not believed.</summary>
    public ProofFact? NewestDrill => Drills.FirstOrDefault(f => f.At <= At + ClockTolerance);

    public TimeSpan? Recovery => Worst(f => f.MeasuredRecoveryTime);
    public TimeSpan? Loss => Worst(f => f.MeasuredRecoveryPoint);

    public bool ProvedInFuture => ProvedAt > At;

    /// <summary>Age of the newest proof, or null when there is none or its date cannot be true.</summary>
    public TimeSpan? Age => ProvedAt is { } proved && proved <= At ? At - proved : null;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Outcome> LastOutcomes => [.. Drills.Take(StripLength).Reverse().Select(d => d.Outcome)];

    /// <summary>The entry that carries the state: that of the first reason, else that of the newest proof.</summary>
    public long? Evidence => Readiness.Reasons.Select(r => r.EvidenceSequence).FirstOrDefault(s => s is not null) ?? Readiness.NewestProof?.EvidenceSequence ?? NewestDrill?.EvidenceSequence;

    // Unknown when the newest test measured nothing: an older measure says nothing about today. Where several tests are kept, the worst counts.
    private TimeSpan? Worst(Func<ProofFact, TimeSpan?> measure) => NewestDrill is { } newest && measure(newest) is { } last
        ? Drills.Where(f => f.At <= newest.At).DistinctBy(f => f.Name).Max(f => measure(f) ?? last)
        : null;

    public string Name(Reader reader) => reader.Choose(Application.Name, Application.NameEn);

    public Piece Link(Reader reader) => Piece.Link(Name(reader), Urls.Application(Application.Id));
}
