using BackupGuard.Continuity.Readiness;
using BackupGuard.Contracts;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Evidence;

public enum EntryKind { Verification, Drill, Intent, Run, Other }

/// <summary>A line of the log.</summary>
/// <param name="Hash">SHA-256 of the entry's bytes, lower-case hexadecimal.</param>
public sealed record EvidenceItem(long Sequence, EntryKind Kind, string Signer, long Counter, DateTimeOffset ReceivedAt, string Hash)
{
    public Outcome? Outcome { get; init; }

    /// <summary>Application, drill or repository: whatever the entry is about.</summary>
    public string Subject { get; init; } = "";
}

/// <param name="Items">Newest first.</param>
/// <param name="Head">Null: the log could not be read.</param>
public sealed record EvidenceListView(IReadOnlyList<EvidenceItem> Items, LogHead? Head)
{
    public const int PageSize = 100;

    /// <summary>Oldest sequence shown: the next page holds what is before it.</summary>
    public long? OlderThan => Items is [.., { Sequence: > 0 } last] ? last.Sequence : null;

    public bool AtNewest => Head is null || Items is [] || Items[0].Sequence >= Head.Size - 1;
}

public enum SignatureCheck { Valid, Invalid, KeyUnknown }

public enum InclusionCheck { Proved, Refuted, NotChecked }

/// <summary>One entry with what was verified while the page was made. Nothing is shown as sound that was not checked now.</summary>
/// <param name="CanonicalText">The signed bytes, decoded as UTF-8.</param>
public sealed record EvidenceEntryView(EvidenceItem Item, string CanonicalText, SignatureCheck Signature, InclusionCheck Inclusion)
{
    /// <summary>SHA-256 of the signer's public key, or "".</summary>
    public string KeyFingerprint { get; init; } = "";

    /// <summary>Id of the application concerned, or "".</summary>
    public string ApplicationId { get; init; } = "";
    public LogHead? Head { get; init; }

    /// <summary>Hashes that lead from the entry to the root.</summary>
    public IReadOnlyList<string> Path { get; init; } = [];
    public IReadOnlyList<FindingDocument> Findings { get; init; } = [];
    public IReadOnlyList<DrillStepDocument> Steps { get; init; } = [];

    public bool Sound => Signature == SignatureCheck.Valid && Inclusion == InclusionCheck.Proved;

    public bool Broken => Signature == SignatureCheck.Invalid || Inclusion == InclusionCheck.Refuted;
}
