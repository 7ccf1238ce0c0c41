using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Measures;

/// <summary>How long the steps of one run took.</summary>
public static class StepMeasures
{
    // Hours are written to the minute. A form sent right after another one measures the hand, not the work; and what was written
    // down after the fact is begun and done by one form, in no time at all.
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>
    /// From the hour a step was begun to the hour it was done, as people gave them, for attempts that ended as done: checked and
    /// countersigned where the plan asks for it, and not opened again. Left out because their time is not known: what was written
    /// down after the fact in one go, what a pause of the run fell into, and what ends before it begins.
    /// </summary>
    /// <param name="events">The journal of one run, in its order.</param>
    public static ILookup<string, Measure> Of(IEnumerable<RunEvent> events)
    {
        var begun = new Dictionary<string, StepStarted>(StringComparer.Ordinal);
        var toCheck = new Dictionary<string, Measure>(StringComparer.Ordinal);
        var done = new List<(string Step, int Attempt, Measure Measure)>();
        foreach (var one in events)
        {
            switch (one)
            {
                case StepStarted e:
                    begun[e.Step] = e;
                    toCheck.Remove(e.Step);
                    break;
                case StepCompleted e:
                    Complete(e.Step, e.Attempt, e.Next, e);
                    break;
                case DecisionMade e:
                    Complete(e.Step, e.Attempt, e.Next, e);
                    break;
                case StepVerified { Next: not StepState.ToCountersign } e:
                    Settle(e.Step, e.Attempt, e.Next);
                    break;
                case StepCountersigned e:
                    Settle(e.Step, e.Attempt, StepState.Done);
                    break;
                case StepFailed e:
                    Drop(e.Step);
                    break;
                case StepSkipped e:
                    Drop(e.Step);
                    break;
                case StepReopened e:
                    // Somebody said that it was not done after all.
                    Drop(e.Step);
                    done.RemoveAll(d => d.Step == e.Step && d.Attempt == e.Attempt - 1);
                    break;
                case TransitionCompleted { Pause: true }:
                    begun.Clear();
                    break;
            }
        }

        return done.ToLookup(d => d.Step, d => d.Measure, StringComparer.Ordinal);

        void Complete(string step, int attempt, StepState next, RunEvent by)
        {
            if (begun.Remove(step, out var start) && start.Attempt == attempt && by.OccurredAt - start.OccurredAt >= Shortest)
            {
                toCheck[step] = new(by.OccurredAt - start.OccurredAt, by.OccurredAt);
                if (next == StepState.Done)
                {
                    Settle(step, attempt, next);
                }
            }
        }

        void Settle(string step, int attempt, StepState state)
        {
            if (toCheck.Remove(step, out var measure) && state == StepState.Done)
            {
                done.Add((step, attempt, measure));
            }
        }

        void Drop(string step)
        {
            begun.Remove(step);
            toCheck.Remove(step);
        }
    }
}
