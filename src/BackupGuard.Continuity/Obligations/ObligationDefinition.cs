using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Obligations;

/// <summary>Off: not shown as due. Blanc: computed and shown grey, for training; nothing is due. On: it counts.</summary>
public enum ProfileMode { Off, Blanc, On }

/// <summary>How well the rule is known: a page carrying it was read; general knowledge without a page; cannot be settled today.</summary>
public enum Certainty { Sourced, Background, Unknown }

/// <summary>One file of <c>backupguard.obligations/v1</c>: whom to tell, by when, since what. Data of the establishment, never legal advice of ours.</summary>
public sealed record ObligationDefinition(string Id, string Version, LocalText Title, TimeZoneInfo Zone)
{
    public IReadOnlyList<ObligationProfile> Profiles { get; init; } = [];
    public IReadOnlyList<ObligationRole> Roles { get; init; } = [];

    /// <summary>Told in addition when a limit has passed.</summary>
    public IReadOnlyList<Reference> EscalateTo { get; init; } = [];
    public IReadOnlyList<StartEvent> Events { get; init; } = [];
    public IReadOnlyList<Duty> Duties { get; init; } = [];
    public IReadOnlyList<DraftField> Fields { get; init; } = [];
    public IReadOnlyList<DraftTemplate> Templates { get; init; } = [];

    public Duty? Duty(string id) => Duties.FirstOrDefault(d => d.Id == id);

    public StartEvent? Event(string id) => Events.FirstOrDefault(e => e.Id == id);

    public ObligationProfile? Profile(string id) => Profiles.FirstOrDefault(p => p.Id == id);

    public DraftTemplate? Template(string id) => Templates.FirstOrDefault(t => t.Id == id);

    public LocalText? RoleLabel(string id) => Roles.FirstOrDefault(r => r.Id == id)?.Label;
}

/// <summary>A set of duties that an establishment has or has not, by its status.</summary>
/// <param name="Enacted">False: the text is not known to be law here, and On needs a date and a person who decided it.</param>
/// <param name="InForceFrom">Before that day On counts as Blanc.</param>
/// <param name="Stamp">Printed beside rows of a profile that is Blanc.</param>
public sealed record ObligationProfile(string Id, ProfileMode Mode, bool Enacted, DateOnly? InForceFrom, string Decider, LocalText Label, LocalText Stamp, Place At);

public sealed record ObligationRole(string Id, LocalText Label, Place At);

/// <summary>What starts a clock: always a human act, with hour, person and motive.</summary>
/// <param name="Proposed">The event whose hour is offered as default. Offered, never set.</param>
/// <param name="ProposedEvidence">Evidence of the run whose hour is offered first, or empty.</param>
/// <param name="OnSending">The duty whose recorded sending is this event; null: somebody declares it.</param>
public sealed record StartEvent(string Id, LocalText Label, IReadOnlyList<Reference> SetBy, Reference? Proposed, string ProposedEvidence, Reference? OnSending, Place At);

/// <param name="Contact">A number or an address, or empty. It never leaves the sheet in an exercise.</param>
public sealed record Recipient(LocalText Label, string Contact);

/// <summary>Something that must hold before this leaves, or that this must come before.</summary>
public sealed record DutyGuard(LocalText Text, Condition? Condition);

/// <summary>One row: one notification to one recipient.</summary>
public sealed record Duty(string Id, LocalText Label, Place At)
{
    public bool Enabled { get; init; }
    public required Reference Profile { get; init; }
    public IReadOnlyList<Recipient> Recipients { get; init; } = [];
    public IReadOnlyList<string> Channels { get; init; } = [];
    public string LegalBasis { get; init; } = "";
    public required Reference StartEvent { get; init; }

    /// <summary>The legal limit; null when the text gives no figure, and <see cref="DueText"/> says what it gives.</summary>
    public LegalPeriod? Due { get; init; }
    public LocalText DueText { get; init; } = LocalText.None;
    public Place DueAt { get; init; }

    /// <summary>The establishment's own aim, before the law's.</summary>
    public LegalPeriod? Target { get; init; }
    public Place TargetAt { get; init; }

    /// <summary>Percent of the time allowed, ascending.</summary>
    public IReadOnlyList<int> Reminders { get; init; } = [];
    public required Reference ValidatorRole { get; init; }
    public required Reference SenderRole { get; init; }

    /// <summary>Fields of the template without which nothing should leave.</summary>
    public IReadOnlyList<Reference> RequiredFields { get; init; } = [];
    public Reference? Template { get; init; }

    /// <summary>Duties to be settled before this one.</summary>
    public IReadOnlyList<Reference> SequenceAfter { get; init; } = [];
    public IReadOnlyList<DutyGuard> Guards { get; init; } = [];

    /// <summary>The law itself asks for written reasons when it is late.</summary>
    public bool LateReasonRequired { get; init; }
    public string Source { get; init; } = "";
    public Certainty Certainty { get; init; } = Certainty.Unknown;

    /// <summary>Null until a person has compared the row with the official text.</summary>
    public DateOnly? CheckedOn { get; init; }
    public string CheckedBy { get; init; } = "";
    public Place CheckedAt { get; init; }
    public LocalText Notes { get; init; } = LocalText.None;

    /// <summary>Before a check of a date and a name nobody vouches for the row, and none vouches for ever: telephone numbers and texts change.</summary>
    public RowCheck CheckOn(DateOnly day) => CheckedOn is not { } on || CheckedBy.Length == 0 ? RowCheck.Never
        : on > day ? RowCheck.Never
        : on.AddYears(1) < day ? RowCheck.Stale
        : RowCheck.Checked;
}

public enum RowCheck { Never, Stale, Checked }

/// <param name="Value">Text with {placeholders} that the run fills; empty: nobody but the writer can fill it.</param>
public sealed record DraftField(string Id, LocalText Label, string Value, Place At);

public sealed record DraftTemplate(string Id, LocalText Intro, IReadOnlyList<Reference> Fields, Place At);
