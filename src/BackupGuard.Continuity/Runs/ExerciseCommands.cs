using System.Globalization;

namespace BackupGuard.Continuity.Runs;

internal static class ExerciseCommands
{
    private const int LongestId = 64;
    private const int HighestScore = 3;

    public static IEnumerable<Refusal> Perform(RunTurn turn, RunCommand command)
    {
        if (turn.Run.Started!.Mode != RunMode.Exercise)
        {
            return [Refusals.NotAnExercise];
        }

        var (one, reasons) = command switch
        {
            PlayInject c => (new InjectPlayed(c.Inject, c.Note), Named(c.Inject, c.Note)),
            ObserveInject c => (new InjectObserved(c.Inject, c.Reaction, c.Note), Named(c.Inject, c.Note).Concat(Known(c.Reaction))),
            ScoreCriterion c => (new CriterionScored(c.Criterion, c.Score, c.Note), Named(c.Criterion, c.Note).Concat(c.Score is >= 0 and <= HighestScore ? [] : [Refusals.ScoreWrong(HighestScore)])),
            NoteLesson c => (new LessonNoted(c.Stage, c.Text), Checks.Text(c.Text).Concat(Known(c.Stage))),
            AgreeAction c => ((RunEvent)new ActionAgreed(c.Action, c.Text, c.Owner, c.Due), Action(c)),
            CloseAction c => (new ActionClosed(c.Action, c.Note), Checks.Text(c.Note).Concat(turn.Run.Exercise.Actions.ContainsKey(c.Action) ? [] : [Refusals.RequestClosed])),
            TickItem c => (new ItemTicked(c.Item, c.Note), Named(c.Item, c.Note)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var refused = reasons.ToList();
        if (command is PlayInject { Inject: var inject } && turn.Run.Exercise.Played.GetValueOrDefault(inject) is { } played)
        {
            refused.Add(Refusals.InjectPlayed(played));
        }

        if (refused.Count == 0)
        {
            turn.Add(one);
        }

        return refused;
    }

    private static IEnumerable<Refusal> Named(string id, string note) => Checks.Text(id, LongestId).Concat(Checks.Text(note, required: false));

    private static IEnumerable<Refusal> Known<T>(T value) where T : struct, Enum => Enum.IsDefined(value) ? [] : [Refusals.BadCommand];

    private static IEnumerable<Refusal> Action(AgreeAction command) =>
        Checks.Text(command.Action, LongestId).Concat(Checks.Text(command.Text)).Concat(Checks.Text(command.Owner, 120))
            .Concat(DateOnly.TryParseExact(command.Due, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? [] : [Refusals.DateWrong]);
}
