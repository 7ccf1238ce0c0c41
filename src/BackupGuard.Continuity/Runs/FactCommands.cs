namespace BackupGuard.Continuity.Runs;

internal static class FactCommands
{
    private const int LongestEntry = 500;

    public static IEnumerable<Refusal> Set(RunTurn turn, SetFact command)
    {
        if (turn.Runbook.Fact(command.Fact) is not { } fact)
        {
            return [Refusals.UnknownFact(command.Fact, turn.Runbook.Facts.Select(f => f.Id))];
        }

        var reasons = fact.SetBy.Count == 0 ? [] : Checks.Role(command.Role, [.. fact.SetBy.Select(r => r.Id)]).ToList();
        reasons.AddRange(Checks.Text(command.Value));
        if (!Runbooks.FactRules.Accepts(fact, command.Value))
        {
            reasons.Add(Refusals.FactWrong(fact.Label.Fr, fact.Type));
        }

        if (reasons.Count == 0 && turn.Run.Facts.GetValueOrDefault(fact.Id) != command.Value)
        {
            turn.Add(new FactSet(fact.Id, command.Value, ""));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Note(RunTurn turn, NoteEntry command)
    {
        var reasons = Checks.Text(command.Text, LongestEntry).Concat(Checks.Text(command.Speaker, 120, required: false)).ToList();
        if (!Enum.IsDefined(command.Kind))
        {
            reasons.Add(Refusals.BadCommand);
        }

        if (reasons.Count == 0)
        {
            turn.Add(new EntryNoted(command.Kind, command.Text.Trim(), command.Speaker.Trim()));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Correct(RunTurn turn, CorrectEntry command)
    {
        var reasons = Checks.Text(command.Text, LongestEntry).ToList();
        if (command.Entry < 1 || command.Entry > turn.Run.Seq)
        {
            reasons.Add(Refusals.NoSuchLine(command.Entry));
        }

        if (reasons.Count == 0)
        {
            turn.Add(new EntryCorrected(command.Entry, command.Text.Trim()));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Count(RunTurn turn, CountBacklog command)
    {
        if (turn.Runbook.Degraded.All(d => d.Id != command.Procedure))
        {
            return [Refusals.UnknownProcedure(command.Procedure)];
        }

        if (command.OnPaper < 0 || command.Reentered < 0 || command.Reentered > command.OnPaper)
        {
            return [Refusals.BacklogWrong];
        }

        turn.Add(new BacklogCounted(command.Procedure, command.OnPaper, command.Reentered));
        return [];
    }
}
