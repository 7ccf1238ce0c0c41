using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

/// <summary>What somebody said about the return of the applications. To say that nobody knows is an announcement too.</summary>
/// <param name="Back">The hour of return; null: announced as unknown.</param>
/// <param name="Motive">Why it moved, or empty.</param>
/// <param name="Role">The role the person spoke in, or empty.</param>
/// <param name="At">When it was announced.</param>
/// <param name="Line">Its line in the journal of the run where it was announced.</param>
public sealed record EtaAnnouncement(DateTimeOffset? Back, string Motive, Actor By, string Role, DateTimeOffset At, long Line)
{
    /// <summary>The run that announced it, when it came from the run this one is a module of; empty otherwise.</summary>
    public string Run { get; init; } = "";

    /// <summary>Time left until the return. An hour that has passed is not zero: nobody knows any more.</summary>
    /// <returns>Null: unknown.</returns>
    public TimeSpan? Left(DateTimeOffset now) => Back > now ? Back - now : null;
}

internal static class EtaCommands
{
    public static IEnumerable<Refusal> Announce(RunTurn turn, AnnounceEta command)
    {
        var reasons = Checks.Role(command.Role, [.. turn.Runbook.Roles.Select(r => r.Id)]).ToList();
        if (command.Back is { } back && (back <= command.Now || !FactRules.IsPlausible(back)))
        {
            reasons.Add(Refusals.EtaPassed);
        }

        var moves = turn.Run.Eta is { } before && before.Back != command.Back;
        if (moves && string.IsNullOrWhiteSpace(command.Motive))
        {
            reasons.Add(Refusals.EtaNeedsReason);
        }

        reasons.AddRange(Checks.Text(command.Motive, required: false));
        if (reasons.Count == 0)
        {
            turn.Add(new EtaAnnounced(command.Back, command.Motive.Trim()));
        }

        return reasons;
    }

    /// <summary>The engine sees one run only: what its parent announced has to be brought.</summary>
    public static IEnumerable<Refusal> Carry(RunTurn turn, CarryEta command)
    {
        if (turn.Run.Started!.Parent == "" || command.Announcement.Run == "")
        {
            return [Refusals.BadCommand];
        }

        if (turn.Run.ParentEta != command.Announcement)
        {
            turn.Add(new EtaCarried(command.Announcement));
        }

        return [];
    }
}
