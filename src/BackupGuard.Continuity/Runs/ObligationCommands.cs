namespace BackupGuard.Continuity.Runs;

/// <summary>Which duties and start events exist is said by the annex, which this engine does not read: whoever sends the command checks that.</summary>
internal static class ObligationCommands
{
    private const int LongestId = 64;

    public static IEnumerable<Refusal> Awareness(RunTurn turn, DeclareAwareness command)
    {
        var reasons = Checks.Text(command.Event, LongestId).Concat(Checks.Text(command.Motive)).ToList();
        if (command.At > command.Now)
        {
            reasons.Add(Refusals.FutureTime);
        }

        if (reasons.Count == 0)
        {
            turn.Add(new AwarenessDeclared(command.Event, command.At, command.Motive));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Sent(RunTurn turn, RecordNotification command)
    {
        var reasons = Checks.Text(command.Duty, LongestId).Concat(Checks.Text(command.Channel, 120)).Concat(Checks.Text(command.Contact, required: false)).Concat(Checks.Text(command.LateReason, required: false)).ToList();
        if (string.IsNullOrWhiteSpace(command.Proof))
        {
            reasons.Add(Refusals.ProofNeeded);
        }

        reasons.AddRange(Checks.Text(command.Proof, required: false));
        if (reasons.Count == 0)
        {
            turn.Add(new NotificationSent(command.Duty, command.Channel, command.Proof, command.Contact, command.LateReason));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> NotApplicable(RunTurn turn, DeclareNotApplicable command)
    {
        var reasons = Checks.Text(command.Duty, LongestId).Concat(Checks.Text(command.Motive)).ToList();
        if (turn.Run.Obligations.Sent.ContainsKey(command.Duty))
        {
            reasons.Add(Refusals.AlreadySent);
        }

        if (reasons.Count == 0)
        {
            turn.Add(new NotificationNotApplicable(command.Duty, command.Motive));
        }

        return reasons;
    }
}
