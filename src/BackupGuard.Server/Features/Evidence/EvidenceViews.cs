using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Contracts;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Evidence;

public enum EntryKind { Verification, Drill, Intent, Run, Probe, Copies, Attested, Other }

/// <summary>A line of the log.</summary>
/// <param name="Hash">SHA-256 of the entry's bytes, lower-case hexadecimal.</param>
public sealed record EvidenceItem(long Sequence, EntryKind Kind, string Signer, long Counter, DateTimeOffset ReceivedAt, string Hash)
{
    public Outcome? Outcome { get; init; }

    /// <summary>Application, drill or repository: whatever the entry is about.</summary>
    public string Subject { get; init; } = "";
}

/// <param name="Items">Newest first.</param>
public sealed record EvidenceListView(IReadOnlyList<EvidenceItem> Items, LogHead Head)
{
    public const int PageSize = 100;

    /// <summary>What an evidence pack can be asked for.</summary>
    public IReadOnlyList<Application> Applications { get; init; } = [];
    public IReadOnlyList<Objective> Objectives { get; init; } = [];

    /// <summary>What an auditor needs to check this log's checkpoints: name+id+base64.</summary>
    public string LogKey { get; init; } = "";

    /// <summary>What each witness of the policy last vouched for.</summary>
    public IReadOnlyList<Witnesses.WitnessStanding> Witnesses { get; init; } = [];
    public DateTimeOffset Now { get; init; }

    /// <summary>What each time-stamp authority of the policy last stamped.</summary>
    public IReadOnlyList<TimeStamps.TimeStampStanding> TimeStamps { get; init; } = [];

    /// <summary>What was mailed to people outside; null where nobody is configured.</summary>
    public Mail.MailStanding? Mail { get; init; }

    /// <summary>Oldest sequence shown: the next page holds what is before it.</summary>
    public long? OlderThan => Items is [.., { Sequence: > 0 } last] ? last.Sequence : null;

    public bool AtNewest => Items is [] || Items[0].Sequence >= Head.Size - 1;
}

/// <summary>One entry whose signature and place in the log were verified while the page was made: one that fails has no content to show.</summary>
/// <param name="CanonicalText">The signed bytes, decoded as UTF-8; null: withheld from this reader for now.</param>
/// <param name="KeyFingerprint">SHA-256 of the signer's public key.</param>
/// <param name="Path">Hashes that lead from the entry to the root.</param>
public sealed record EvidenceEntryView(EvidenceItem Item, string? CanonicalText, string KeyFingerprint, LogHead Head, IReadOnlyList<string> Path)
{
    /// <summary>Id of the application concerned, or "".</summary>
    public string ApplicationId { get; init; } = "";

    /// <summary>When it was signed, by the signer's clock.</summary>
    public DateTimeOffset SignedAt { get; init; }
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
    public IReadOnlyList<DrillStepDocument> Steps { get; init; } = [];
}

/// <summary>Evidence that does not verify, in the words of what found it.</summary>
/// <param name="Sequence">Null: the log as a whole.</param>
public sealed record EvidenceRefusal(long? Sequence, string Code, Phrase Message, Phrase Remedy);
