using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks.Guards;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Obligations;

/// <summary>The legal board of a run for one reader at one instant.</summary>
/// <param name="Rows">Null: none are pinned to this run, or what is pinned cannot be read.</param>
/// <param name="Establishment">As the catalogue declares it; empty: unknown.</param>
internal sealed record ObligationView(RunView Run, ObligationDefinition? Rows, IReadOnlyList<ObligationsOnDisk> Files, string Establishment)
{
    /// <summary>Care on paper, of this run and of those it follows.</summary>
    public IReadOnlyList<DegradedService> Services { get; init; } = [];

    /// <summary>A late sending came without the reason that the law asks for.</summary>
    public bool ReasonMissing { get; init; }

    public Reader Reader => Run.Frame.Reader;
    public string Language => Reader.Code;
    public bool IsExercise => Run.Run.Started.Mode == RunMode.Exercise;
    public string PinnedName => Run.Run.State.Annexes.TryGetValue(ObligationLibrary.AnnexKind, out var annex) ? annex.Id : "";
    public string PinnedHash => Run.Run.State.Annexes.TryGetValue(ObligationLibrary.AnnexKind, out var annex) ? annex.Sha256[..8] : "";

    private ObligationBoard? board;

    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    public ObligationBoard Board => board ??= ObligationBoard.Of(Rows ?? throw new InvalidOperationException("no rows are pinned"), Run.Run.State.Obligations, Run.Run.Started.Mode, Run.Frame.At, new RunFacts(Run.Runbook, Run.Run.State, Run.Frame.At));

    /// <summary>Who may replace rows that a crisis works with: those who validate one.</summary>
    public static IEnumerable<string> Correctors(ObligationDefinition rows) => rows.Duties.Select(d => d.ValidatorRole.Id).Distinct();

    /// <summary>Usable files of the folder that say something else than what is pinned.</summary>
    public IReadOnlyList<ObligationsOnDisk> Newer => [.. Files.Where(f => f.Annex is { } annex && annex.Sha256 != Run.Run.State.Annexes.GetValueOrDefault(ObligationLibrary.AnnexKind)?.Sha256)];

    public string RoleName(string id) => Rows?.RoleLabel(id)?.In(Language) ?? Run.RoleName(id);

    public string DutyName(string id) => ObligationWords.Duty(Rows, id, Language);

    public string EventName(string id) => Rows?.Event(id)?.Label.In(Language) ?? id;

    public List<(string Id, string Name)> Mine(IEnumerable<string> roles) => [.. Run.Mine(roles).Select(r => (r, RoleName(r)))];

    public static IEnumerable<string> Senders(Duty duty) => new[] { duty.SenderRole.Id, duty.ValidatorRole.Id }.Distinct();

    public string ChannelName(string id) => ObligationWords.Channel(Reader, id);

    public string Typed(DateTimeOffset instant) => Typed(instant, Reader.Zone);

    /// <summary>As the form reads it back, to the second: a correction of another field must not move the hour, in the night of two 02:30 either.</summary>
    public static string Typed(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone);
        return local.ToString(local.Second == 0 && !zone.IsAmbiguousTime(local.DateTime) ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture);
    }

    public ObligationDraft Draft(Duty duty) => ObligationDraft.Of(Rows!, duty, Source(), Language); // only a page that has rows asks

    /// <summary>What the run holds, in words for people. Nothing is added to it.</summary>
    private DraftSource Source()
    {
        var state = Run.Run.State;
        return new(state.Obligations, Run.Run.Started.Mode, Run.Frame.At, Reader.Instant)
        {
            RunId = Run.Id,
            Establishment = Establishment,
            Facts = state.Facts.ToDictionary(f => f.Key, f => Shown(f.Value)),
            Evidence = state.Evidence.ToDictionary(e => e.Key, e => Shown(e.Value)),
            StepsDone = [.. state.Steps.Where(s => s.Value is { State: StepState.Done, CompletedAt: not null }).OrderBy(s => s.Value.CompletedAt).Select(s => $"{Run.StepName(s.Key)}, {Reader.Instant(s.Value.CompletedAt!.Value)}, {s.Value.CompletedBy?.Name}")],
            StepsRunning = [.. state.Steps.Where(s => s.Value is { State: StepState.Running, StartedAt: not null }).OrderBy(s => s.Value.StartedAt).Select(s => $"{Run.StepName(s.Key)}, {Reader.Instant(s.Value.StartedAt!.Value)}")],
            Applications = [.. Services.Where(s => s is { Since: not null, Ended: false }).SelectMany(s => s.Procedure.Replaces).Distinct(StringComparer.Ordinal)],
        };
    }

    private string Shown(string value) => GuardValue.Of(value) switch
    {
        GuardValue.Truth truth => Reader.Say(truth.Value ? RunTexts.Yes : RunTexts.No),
        GuardValue.Instant instant => Reader.Instant(instant.Value),
        _ => value,
    };
}
