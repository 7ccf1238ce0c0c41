using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Exercises;
using BackupGuard.Server.Features.Obligations;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Names of duties and of what an exercise holds, from the files pinned to the run. Read when a line first asks.</summary>
/// <remarks>A player learns no more of an exercise than its ids until FINEX: an observation that is known beforehand tells nothing.</remarks>
internal sealed class PinnedNames(RunView run)
{
    private readonly Lazy<ObligationDefinition?> rows = new(() => ObligationLibrary.Pinned(run.Run.State));
    private readonly Lazy<ExerciseView?> exercise = new(() => ExerciseOf(run));

    /// <returns>Null when no pinned file names it, or this reader may not know.</returns>
    public string? Of(Named kind, string id) => kind switch
    {
        Named.Duty => ObligationWords.Duty(rows.Value, id, run.Language),
        Named.StartEvent => rows.Value?.Event(id)?.Label.In(run.Language),
        Named.Channel => ObligationWords.Channel(run.Frame.Reader, id),
        Named.Inject when id is Chronogramme.Debex or Chronogramme.Finex => id.ToUpperInvariant(),
        Named.Inject => exercise.Value is { } view && view.Exercise.Inject(id) is { } inject ? $"{id} ({view.Way(inject)})" : null,
        Named.Criterion => exercise.Value?.Exercise.Criteria.FirstOrDefault(c => c.Id == id) is { } criterion ? $"{id} ({criterion.Label.In(run.Language)})" : null,
        Named.Reminder => exercise.Value?.Exercise.Reminders.FirstOrDefault(r => r.Id == id)?.Text.In(run.Language),
    };

    private static ExerciseView? ExerciseOf(RunView run)
    {
        if (run.Run.Started.Mode != RunMode.Exercise || !ExerciseRoles.MayKnow(run.User, run.Run))
        {
            return null;
        }

        try
        {
            return new(run, ExerciseSheet.Of(run.Run));
        }
        catch (InvalidDataException)
        {
            // The exercise's own pages say it; the log stays readable, with ids.
            return null;
        }
    }
}
