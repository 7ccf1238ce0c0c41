using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>The SDK's client as this project wants it: everything said, nothing taken from profiles, environment or metadata services.</summary>
internal static class S3Client
{
    private const string AnyRegion = "us-east-1";

    static S3Client()
    {
        // A clock that is wrong is to be said, not silently corrected: freshness and retention are judged by it.
        AWSConfigs.CorrectForClockSkew = false;
    }

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public static AmazonS3Client Create(S3Location location, StoreSettings settings, StoreLimits limits, HttpClient http) => new(S3Credentials.Load(settings.CredentialsFile), new AmazonS3Config
    {
        ServiceURL = location.Endpoint.GetLeftPart(UriPartial.Authority),
        IgnoreConfiguredEndpointUrls = true,
        UseHttp = location.Endpoint.Scheme == "http",
        ForcePathStyle = settings.PathStyle ?? !IsAmazon(location.Endpoint.Host),
        AuthenticationRegion = settings.Region ?? RegionOf(location.Endpoint.Host) ?? EnvironmentRegion() ?? AnyRegion,
        DefaultConfigurationMode = DefaultConfigurationMode.Standard,
        RetryMode = RequestRetryMode.Standard,
        MaxErrorRetry = limits.Retries,
        // What the formats read they authenticate themselves; and Ceph and older appliances do not know these headers.
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        DisableS3ExpressSessionAuth = true,
        DisableMultiregionAccessPoints = true,
        HttpClientFactory = new OneClient(http),
        DisableLogging = true,
    });

    private static string? EnvironmentRegion() =>
        Environment.GetEnvironmentVariable("AWS_REGION") is { Length: > 0 } region ? region : Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION") is { Length: > 0 } other ? other : null;

    private static bool IsAmazon(string host) => host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".amazonaws.com.cn", StringComparison.OrdinalIgnoreCase);

    /// <summary>s3.eu-west-3.amazonaws.com and its older and dual-stack forms name their region.</summary>
    private static string? RegionOf(string host) =>
        IsAmazon(host) ? host.Split('.').Select(p => p.StartsWith("s3-", StringComparison.Ordinal) ? p[3..] : p).FirstOrDefault(p => p.Count(c => c == '-') >= 2 && char.IsAsciiDigit(p[^1])) : null;

    private sealed class OneClient(HttpClient http) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http;
        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
