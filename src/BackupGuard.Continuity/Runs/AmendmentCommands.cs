using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

/// <summary>
/// A plan changed while it is being followed: another whole text, proposed by one person and confirmed by another. Where the run
/// stands and what was done must have its place in the new text; nothing done is done again.
/// </summary>
internal static class AmendmentCommands
{
    private const int MostIssuesNamed = 3;

    public static IEnumerable<Refusal> Propose(RunTurn turn, ProposeAmendment command)
    {
        var current = turn.Pinned;
        var reasons = Checks.Text(command.Reason).ToList();
        if (turn.Run.Requests.Values.FirstOrDefault(r => r.Kind == RequestKind.Amendment) is { } pending)
        {
            reasons.Add(Refusals.AlreadyRequested(pending));
        }

        var pinned = RunDefinition.Pin(command.Text, current.Runbook.Id + ".yaml");
        if (pinned.Value is not { } next)
        {
            return [.. reasons, .. pinned.Issues.Where(i => i.Level == IssueLevel.Error).Take(MostIssuesNamed).Select(i => Refusals.AmendmentUnreadable(i.Line, i.Column, i.Fr, i.En))];
        }

        reasons.AddRange(Fits(turn.Run, current, next, command.Removed));
        if (reasons.Count == 0)
        {
            turn.Add(new AmendmentRequested(current.Sha256, next.Sha256, next.Runbook.Version, next.Text, command.Removed, command.Reason, new(2, Deciders(current.Runbook), EachRole: false)));
        }

        return reasons;
    }

    public static void Conclude(RunTurn turn, PendingRequest request) =>
        turn.Add(new DefinitionAmended(request.Amendment!.FromSha256, request.Amendment.ToSha256, request.Amendment.Version, request.Amendment.Removed, request.Reason, request.Id));

    /// <summary>Why the run cannot go on in this text, or nothing.</summary>
    public static IEnumerable<Refusal> Fits(RunState run, RunDefinition current, RunDefinition next, IReadOnlyDictionary<string, string> removed)
    {
        var (before, after) = (current.Runbook, next.Runbook);
        if (after.Id != before.Id || after.Version == before.Version || next.Sha256 == current.Sha256)
        {
            yield return Refusals.AmendmentSame(before.Id, before.Version);
        }

        foreach (var state in run.Visits.Keys.Where(id => !PathOf(after, id).SequenceEqual(PathOf(before, id))))
        {
            yield return Refusals.AmendmentDropsState(state);
        }

        if (after.Lifecycle.Leaf(run.State) != run.State || (run.Paused != "" && after.Lifecycle.Leaf(run.Paused) != run.Paused))
        {
            yield return Refusals.AmendmentDropsState(run.State);
        }

        foreach (var step in before.Steps)
        {
            var begun = run.Steps.ContainsKey(step.Id);
            if (after.Step(step.Id) is { } kept)
            {
                if (begun && (kept.Kind != step.Kind || kept.In.Id != step.In.Id))
                {
                    yield return Refusals.AmendmentMovesStep(step.Label.Fr);
                }
            }
            else if (begun)
            {
                yield return Refusals.AmendmentDropsStep(step.Label.Fr);
            }
            else if (string.IsNullOrWhiteSpace(removed.GetValueOrDefault(step.Id)))
            {
                yield return Refusals.AmendmentNeedsReason(step.Label.Fr);
            }
        }

        foreach (var id in removed.Keys.Where(id => before.Step(id) is null || after.Step(id) is not null))
        {
            yield return Refusals.UnknownStep(id);
        }

        foreach (var fact in run.Facts.Keys.Where(f => before.Fact(f) is not null && after.Fact(f) is null))
        {
            yield return Refusals.AmendmentDropsFact(before.Fact(fact)!.Label.Fr);
        }
    }

    /// <summary>Whoever may approve something in this plan may confirm a change of it; where nobody is named, anybody may.</summary>
    private static List<string> Deciders(RunbookDefinition runbook) =>
        [.. runbook.Lifecycle.All.SelectMany(s => s.Transitions).Select(t => t.Approvals).Concat(runbook.Steps.Select(s => s.Approvals)).OfType<Approvals>().SelectMany(a => a.Roles).Select(r => r.Id).Distinct()];

    private static IEnumerable<string> PathOf(RunbookDefinition runbook, string state) => runbook.Lifecycle.Path(state).Select(s => s.Id);
}
