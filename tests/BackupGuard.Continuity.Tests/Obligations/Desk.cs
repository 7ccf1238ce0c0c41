using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Tests.Obligations;

/// <summary>The shipped rows and what people said, for tests that read as sentences.</summary>
internal sealed record Desk(ObligationDefinition Rows, ObligationFacts Facts)
{
    public static readonly DateTimeOffset Monday = new(2026, 11, 23, 2, 12, 0, TimeSpan.Zero);
    public static readonly Actor Dpo = new("p1", "Camille Robin");

    public static string ShippedText { get; } = RepositoryFiles.Read("runbooks/legal/declarations.yaml");

    public static Desk Shipped { get; } = Of(ShippedText);

    public static Desk Of(string yaml)
    {
        var parsed = ObligationFile.Parse(yaml, "declarations.yaml");
        return new(parsed.Value ?? throw new InvalidOperationException(string.Join("\n", parsed.Issues)), ObligationFacts.None);
    }

    /// <summary>The same file with other words in it.</summary>
    public static Desk With(params (string Old, string New)[] changes)
    {
        var text = ShippedText;
        foreach (var (old, @new) in changes)
        {
            text = text.Contains(old, StringComparison.Ordinal) ? text.Replace(old, @new, StringComparison.Ordinal) : throw new ArgumentException($"The shipped file does not hold: {old}");
        }

        return Of(text);
    }

    public static Desk Nis2On => With(("mode: off, enacted: false, inForceFrom: \"\", decider: \"\"", "mode: on, enacted: false, inForceFrom: 2026-01-01, decider: Camille Robin"));

    public Desk Aware(string @event, DateTimeOffset at, DateTimeOffset? recorded = null) =>
        this with { Facts = Facts with { Awareness = Facts.Awareness.SetItem(@event, new(at, "Écrans noirs", Dpo, recorded ?? at)) } };

    public Desk Sent(string duty, DateTimeOffset at, string lateReason = "") =>
        this with { Facts = Facts with { Sent = Facts.Sent.SetItem(duty, new(at, "portail", "n° 4711", "Mme Roux", lateReason, Dpo)) } };

    public Desk SetAside(string duty, DateTimeOffset at) =>
        this with { Facts = Facts with { NotApplicable = Facts.NotApplicable.SetItem(duty, new("Aucune donnée touchée", Dpo, at)) } };

    public ObligationBoard Board(DateTimeOffset now, RunMode mode = RunMode.Live) => ObligationBoard.Of(Rows, Facts, mode, now);

    public ObligationRow Row(string duty, DateTimeOffset now) => Board(now).Row(duty)!;
}
