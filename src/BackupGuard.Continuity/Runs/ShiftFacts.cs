using System.Collections.Immutable;

namespace BackupGuard.Continuity.Runs;

/// <param name="UpTo">The last line the outgoing person had before them.</param>
public sealed record HandoverOffer(string Id, string Role, string Remark, Actor By, DateTimeOffset At, long UpTo);

public sealed record RoleHolder(Actor Actor, DateTimeOffset Since);

/// <param name="From">Null for a role that was taken up without a hand-over.</param>
public sealed record ShiftChange(string Role, Actor? From, Actor To, DateTimeOffset At, long Line);

/// <summary>Who stands in which role, as far as it was signed.</summary>
public sealed record ShiftFacts
{
    public static ShiftFacts None { get; } = new();

    public ImmutableDictionary<string, RoleHolder> Holders { get; init; } = ImmutableDictionary<string, RoleHolder>.Empty;

    /// <summary>Signed by one, waiting for the other.</summary>
    public ImmutableDictionary<string, HandoverOffer> Offers { get; init; } = ImmutableDictionary<string, HandoverOffer>.Empty;
    public ImmutableList<ShiftChange> Changes { get; init; } = [];

    internal ShiftFacts With(RunEvent one) => one switch
    {
        RoleTaken e => Held(e.Taken, null, e),
        HandoverOffered e => this with { Offers = Offers.SetItem(e.CommandId, new(e.CommandId, e.Handed, e.Remark, e.Actor, e.OccurredAt, e.UpTo)) },
        HandoverAccepted e => Held(e.Handed, e.From, e) with { Offers = Offers.Remove(e.Offer) },
        HandoverDeclined e => this with { Offers = Offers.Remove(e.Offer) },
        _ => this,
    };

    private ShiftFacts Held(string role, Actor? from, RunEvent by) => this with
    {
        Holders = Holders.SetItem(role, new(by.Actor, by.OccurredAt)),
        Changes = Changes.Add(new(role, from, by.Actor, by.OccurredAt, by.Seq)),
    };
}
