namespace BackupGuard.Agent.Stores;

/// <summary>What reaching a store needs besides its address. Where a secret is, never the secret.</summary>
public sealed record StoreSettings
{
    public static readonly StoreSettings Default = new();

    /// <summary>A file with keys: S3 in the form of ~/.aws/credentials, Azure as <see cref="Azure.AzureSettingsFile"/> reads it; null for the environment.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Authorities (PEM) that the endpoint's certificate must come from, instead of those of this machine.</summary>
    public string? CaFile { get; init; }

    /// <summary>S3: the region that requests are signed for; null for what the endpoint's name says, AWS_REGION, or us-east-1.</summary>
    public string? Region { get; init; }

    /// <summary>S3: whether the bucket stands in the path of a URL (true) or in the host name; null for the path, except at AWS.</summary>
    public bool? PathStyle { get; init; }
}
