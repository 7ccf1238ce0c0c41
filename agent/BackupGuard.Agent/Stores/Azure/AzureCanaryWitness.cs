using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;
using Azure.Core;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>Looks at canaries and at the container's settings with the keys of the verifier. Asks only for reading.</summary>
internal sealed class AzureCanaryWitness : ICanaryWitness, IDisposable
{
    private const int LargestCanary = 64 * 1024;

    private static readonly string[] ContainerHeaders =
        ["x-ms-has-immutability-policy", "x-ms-has-legal-hold", "x-ms-immutable-storage-with-versioning-enabled", "x-ms-blob-public-access", "x-ms-default-encryption-scope", "x-ms-deny-encryption-scope-override"];

    private static readonly string[] AccountHeaders = ["x-ms-account-kind", "x-ms-sku-name", "x-ms-is-hns-enabled"];

    private readonly AzureClient client;
    private readonly AzureStore store;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public AzureCanaryWitness(AzureLocation location, StoreSettings settings, StoreLimits limits, TimeProvider clock)
    {
        client = new AzureClient(location, settings, limits, clock);
        store = new AzureStore(location, settings, clock, limits);
    }

    public string Identity => client.Identity;

    public IBackupStore Store => store;

    public async ValueTask<CanarySight> LookAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        DateTimeOffset? date = null;
        try
        {
            using var answer = await client.GetBlobAsync(canary.Key.Text, AzureClient.VersionQuery(canary.Version), null, null, cancellationToken);
            date = answer.Response.Headers.Date;
            var bytes = await ReadAsync(answer.Response.ContentStream ?? Stream.Null, canary.Key.Text, cancellationToken);
            var held = await store.LockAsync(canary.Key.Text, canary.Version, cancellationToken);
            return new CanarySight(SightKind.Seen, Convert.ToHexStringLower(SHA256.HashData(bytes)), held, date, "");
        }
        // Only the store's own word for it: a 404 without one may come from anybody on the way.
        catch (StoreException e) when (AzureFailure.CodeOf(e) is "BlobNotFound" or "ResourceNotFound")
        {
            return new CanarySight(SightKind.Gone, "", ObjectLock.Unknown, AzureFailure.RefusalIn(e)?.Date ?? date, "");
        }
        catch (StoreException e)
        {
            return CanarySight.Unseen(e.Message, AzureFailure.RefusalIn(e)?.Date ?? date);
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestCanary + 1];
        try
        {
            return buffer[..await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)];
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Streams of the network stack throw what they like; a canary that was not read is one that was not seen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw AzureFailure.Of(e, name);
        }
    }

    /// <remarks>Rules of the life cycle, and how long a policy of the container holds, are told by the management interface only, which is not asked: always Hidden.</remarks>
    public async ValueTask<IReadOnlyList<ConfigurationAnswer>> ReadConfigurationAsync(CancellationToken cancellationToken) =>
    [
        await SettingAsync("container", async () => Shown((await client.HeadContainerAsync(cancellationToken)).Headers, ContainerHeaders)),
        await SettingAsync("account", async () => Shown((await client.HeadAccountAsync(cancellationToken)).Headers, AccountHeaders)),
        await SettingAsync("soft-delete", async () => SoftDelete((await client.GetServicePropertiesAsync(cancellationToken)).ContentStream)),
        new ConfigurationAnswer("lifecycle", AnswerState.Hidden, ""),
    ];

    /// <param name="ask">Null for an answer that does not say it.</param>
    private static async Task<ConfigurationAnswer> SettingAsync(string name, Func<Task<string?>> ask)
    {
        try
        {
            if (await ask() is { } text) return new ConfigurationAnswer(name, text.Length > 0 ? AnswerState.Said : AnswerState.NotSet, text);
        }
        catch (StoreException)
        {
            // Not to be seen, for whatever reason.
        }
        return new ConfigurationAnswer(name, AnswerState.Hidden, "");
    }

    /// <summary>Those of the headers that were given; null without the first, which every such answer has.</summary>
    private static string? Shown(ResponseHeaders headers, string[] names) => !headers.Contains(names[0]) ? null
        : string.Join("; ", names.Select(n => headers.TryGetValue(n, out var value) ? $"{n}: {Verification.Printable.Of(value)}" : "").Where(l => l.Length > 0));

    /// <summary>DeleteRetentionPolicy of Get Blob Service Properties; "" where the store says that there is none.</summary>
    private static string? SoftDelete(Stream? stream)
    {
        try
        {
            using var xml = XmlReader.Create(stream ?? Stream.Null, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 1 << 20 });
            if (XDocument.Load(xml).Root is not { Name.LocalName: "StorageServiceProperties" } root) return null;
            return root.Element("DeleteRetentionPolicy")?.ToString(SaveOptions.DisableFormatting) ?? "";
        }
        catch (XmlException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        client.Dispose();
        store.Dispose();
    }
}
