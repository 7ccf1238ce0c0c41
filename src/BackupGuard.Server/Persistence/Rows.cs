using Microsoft.AspNetCore.Identity;

namespace BackupGuard.Server.Persistence;

/// <summary>Someone who signs in. Personal data stay in this table and never enter the evidence log, which nobody can erase.</summary>
internal sealed class Person : IdentityUser
{
    public required string DisplayName { get; set; }
    public DateTimeOffset? LastSignedInAt { get; set; }
}

/// <summary>A code that signs one person in once. Only its hash is kept.</summary>
internal sealed class OneTimeCode
{
    public required byte[] Hash { get; init; }
    public required string PersonId { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>A token that enrols one agent once. Only its hash is kept.</summary>
internal sealed class EnrolmentToken
{
    public required byte[] Hash { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>An entry of the evidence log, as it was signed. Every column beside the bytes is derived from them or sealed by the receipt, and fsck compares.</summary>
internal sealed class EntryRow
{
    /// <summary>Index in the log, from 0.</summary>
    public required long Seq { get; init; }

    /// <summary>Who signed it: an agent or this server.</summary>
    public required string Origin { get; init; }
    public required string KeyId { get; init; }

    /// <summary>The signer's own: 1, 2, 3… for each key.</summary>
    public required long Counter { get; init; }
    public required string Type { get; init; }

    /// <summary>The run that the entry belongs to, out of its payload; null for every other entry.</summary>
    public string? Run { get; init; }
    public required byte[] Entry { get; init; }
    public required byte[] Signature { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The server's signature over sequence, entry and time of reception: the entry itself knows its signer's clock only.</summary>
    public required byte[] Receipt { get; init; }
}

/// <summary>A hash of the tree that no later entry changes: the root of a full subtree.</summary>
internal sealed class NodeRow
{
    public required int Level { get; init; }
    public required long Index { get; init; }
    public required byte[] Hash { get; init; }
}

/// <summary>A signed tree head; one for each transaction that made the log grow.</summary>
internal sealed class CheckpointRow
{
    public required long Size { get; init; }
    public required byte[] Note { get; init; }
}

/// <summary>What a time-stamp authority said of a checkpoint (RFC 3161).</summary>
internal sealed class TimeStampRow
{
    public required long Size { get; init; }

    /// <summary>Its name in the policy.</summary>
    public required string Authority { get; init; }
    public required byte[] Request { get; init; }
    public required byte[] Token { get; init; }

    /// <summary>Out of the token.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>A checkpoint that was mailed to people outside.</summary>
internal sealed class MailedCheckpointRow
{
    public required long Size { get; init; }
    public required DateTimeOffset SentAt { get; init; }
}

/// <summary>A key that an agent signs with: a projection of the log's key.register and key.retire entries. A machine that was set up anew has two.</summary>
internal sealed class AgentRow
{
    public required string KeyId { get; init; }

    /// <summary>The agent's name.</summary>
    public required string Id { get; init; }

    /// <summary>DER SubjectPublicKeyInfo.</summary>
    public required byte[] PublicKey { get; init; }
    public required DateTimeOffset EnrolledAt { get; init; }
    public DateTimeOffset? RevokedAt { get; set; }
}

/// <summary>Work that was announced and has no result yet: a projection of the log.</summary>
internal sealed class OpenIntentRow
{
    public required long Seq { get; init; }
    public required string KeyId { get; init; }
    public required long Counter { get; init; }
    public required string Origin { get; init; }
    public required string Type { get; init; }
    public required string Application { get; init; }
}

/// <summary>A check or a drill, out of its signed entry. Nothing else writes facts; fsck derives them again and compares.</summary>
internal sealed class FactRow
{
    public required long Seq { get; init; }
    public required string Application { get; init; }
    public required string Kind { get; init; }
    public required string Outcome { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Name { get; init; }
    public required string Agent { get; init; }
    public required string DefinitionHash { get; init; }
    public long? RecoveryTimeMs { get; init; }
    public long? RecoveryPointMs { get; init; }
    public required double Coverage { get; init; }

    /// <summary>Whether every question of the drill went red on a copy damaged on purpose; null where that was not tried in this run.</summary>
    public bool? AlarmRang { get; init; }
    public required string ReasonFr { get; init; }
    public required string ReasonEn { get; init; }
}

/// <summary>Whom to reach when mail and the intranet are gone. Personal data: they can be corrected and removed here, and never enter the evidence log.</summary>
internal sealed class ContactRow
{
    public required string Id { get; init; }

    /// <summary>personne, fournisseur or autorite.</summary>
    public required string Kind { get; set; }
    public required string Name { get; set; }
    public required string Function { get; set; }

    /// <summary>Ids of roles, one space between.</summary>
    public required string Roles { get; set; }

    /// <summary>In order of use, a line each.</summary>
    public required string Phones { get; set; }
    public required string OtherChannel { get; set; }
    public required string Reachable { get; set; }
    public required string Contract { get; set; }
    public required string Note { get; set; }

    /// <summary>When somebody last reached them by these numbers; null: never, or the numbers changed since.</summary>
    public DateTimeOffset? TestedAt { get; set; }
    public required string TestedBy { get; set; }
}
