namespace BackupGuard.Continuity.Runs;

internal static class ShiftCommands
{
    public static IEnumerable<Refusal> Take(RunTurn turn, TakeRole command)
    {
        var reasons = OfRole(turn, command, command.Taken).ToList();
        if (turn.Run.Shifts.Holders.GetValueOrDefault(command.Taken) is { } holder)
        {
            if (holder.Actor.Id == command.Actor.Id)
            {
                return reasons;
            }

            reasons.Add(Refusals.RoleHeld(holder));
        }

        if (reasons.Count == 0)
        {
            turn.Add(new RoleTaken(command.Taken));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Offer(RunTurn turn, OfferHandover command)
    {
        var reasons = OfRole(turn, command, command.Handed).Concat(Checks.Text(command.Remark, required: false)).ToList();
        if (turn.Run.Shifts.Holders.GetValueOrDefault(command.Handed) is { } holder && holder.Actor.Id != command.Actor.Id)
        {
            reasons.Add(Refusals.RoleHeld(holder));
        }

        if (turn.Run.Shifts.Offers.Values.FirstOrDefault(o => o.Role == command.Handed) is { } pending)
        {
            reasons.Add(Refusals.HandoverPending(pending));
        }

        if (reasons.Count == 0)
        {
            turn.Add(new HandoverOffered(command.Handed, command.Remark, turn.Run.Seq));
        }

        return reasons;
    }

    public static IEnumerable<Refusal> Accept(RunTurn turn, AcceptHandover command)
    {
        if (turn.Run.Shifts.Offers.GetValueOrDefault(command.Offer) is not { } offer)
        {
            return [Refusals.RequestClosed];
        }

        var reasons = Checks.Role(command.Role, [offer.Role]).ToList();
        if (offer.By.Id == command.Actor.Id)
        {
            reasons.Add(Refusals.SamePerson);
        }

        if (reasons.Count == 0)
        {
            turn.Add(new HandoverAccepted(offer.Id, offer.Role, offer.By));
        }

        return reasons;
    }

    /// <summary>The one who is to take over does not, or the one who offered takes it back.</summary>
    public static IEnumerable<Refusal> Decline(RunTurn turn, DeclineHandover command)
    {
        if (turn.Run.Shifts.Offers.GetValueOrDefault(command.Offer) is not { } offer)
        {
            return [Refusals.RequestClosed];
        }

        var reasons = Checks.Role(command.Role, [offer.Role]).Concat(Checks.Text(command.Reason)).ToList();
        if (reasons.Count == 0)
        {
            turn.Add(new HandoverDeclined(offer.Id, offer.Role, command.Reason));
        }

        return reasons;
    }

    private static IEnumerable<Refusal> OfRole(RunTurn turn, RunCommand command, string role) =>
        turn.Runbook.Role(role) is null ? [Refusals.UnknownRole(role, turn.Runbook.Roles.Select(r => r.Id))] : Checks.Role(command.Role, [role]);
}
