using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using S3Location = BackupGuard.Agent.Stores.S3.S3Location;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores.S3;

/// <summary>The S3 store on a real server with versions and Object Lock.</summary>
public sealed class S3StoreOnTheGateway : IAsyncLifetime
{
    private Buckets on = null!;

    public async Task InitializeAsync() => on = await Buckets.OnGatewayAsync();

    public Task DisposeAsync()
    {
        on.Dispose();
        return Task.CompletedTask;
    }

    private static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items) all.Add(item);
        return all;
    }

    private static async Task<StoreException> FailureAsync(Func<Task> act) => (await act.Should().ThrowAsync<StoreException>()).Which;

    public static TheoryData<string, bool> RulesTwice()
    {
        var data = new TheoryData<string, bool>();
        foreach (var rule in StoreContract.Rules)
            foreach (var objectLock in (bool[])[false, true]) data.Add(rule.Sentence, objectLock);
        return data;
    }

    [Theory]
    [MemberData(nameof(RulesTwice))]
    public async Task The_contract_holds(string rule, bool objectLock)
    {
        var location = new S3Location(new Uri(on.Gateway.Plain), await on.CreateAsync(objectLock), "backups/dpi/");
        using var store = Buckets.Store(location, on.Settings());
        using var scratch = new S3Scratch(location, on.Settings(), new ScratchPrefix("run1"), TimeProvider.System);
        (await StoreContract.TryAsync(StoreContract.Rules.Single(r => r.Sentence == rule), store, scratch, CancellationToken.None)).Should().BeNull();
        await scratch.ClearAsync(CancellationToken.None);
        (await AllAsync(store.ListVersionsAsync("", CancellationToken.None))).Should().BeEmpty("a scratch leaves nothing, not even markers");
    }

    [Fact]
    public async Task A_scratch_that_the_store_holds_says_so()
    {
        var bucket = await on.CreateAsync(objectLock: true);
        await on.Client.PutObjectLockConfigurationAsync(new PutObjectLockConfigurationRequest
        {
            BucketName = bucket,
            ObjectLockConfiguration = new() { ObjectLockEnabled = ObjectLockEnabled.Enabled, Rule = new() { DefaultRetention = new() { Mode = ObjectLockRetentionMode.Compliance, Days = 1 } } },
        });
        using var scratch = new S3Scratch(new S3Location(new Uri(on.Gateway.Plain), bucket, ""), on.Settings(), new ScratchPrefix("run1"), TimeProvider.System);
        await scratch.PutAsync(scratch.Prefix.Name("held"), new byte[] { 1 }, CancellationToken.None);
        var failure = await FailureAsync(async () => await scratch.ClearAsync(CancellationToken.None));
        failure.Failure.Should().Be(StoreFailure.Denied);
        failure.Message.Should().StartWith("1 versions stay there");
    }

    [Fact]
    public async Task Only_what_lies_below_the_prefix_is_seen()
    {
        var bucket = await on.CreateAsync();
        foreach (var key in (string[])["backups/dpi/config", "backups/dpi2/config", "backups/dpi", "config"]) await on.PutAsync(bucket, key, [1]);
        using var store = on.Store(bucket, "backups/dpi/");
        (await AllAsync(store.ListAsync("", CancellationToken.None))).Select(o => o.Name).Should().Equal("config");
        (await AllAsync(store.ListVersionsAsync("", CancellationToken.None))).Select(o => o.Name).Should().Equal("config");
        store.Location.Should().Be($"s3:{on.Gateway.Plain}/{bucket}/backups/dpi");
    }

    [Fact]
    public async Task Keys_that_are_no_names_are_shown_escaped_and_open_nothing()
    {
        var bucket = await on.CreateAsync();
        foreach (var key in (string[])["a//b", "tab\tand\u0001control", "folder/", "plus+and space"]) await on.PutAsync(bucket, key, key == "folder/" ? [] : [1]);
        using var store = on.Store(bucket);
        var names = (await AllAsync(store.ListAsync("", CancellationToken.None))).Select(o => o.Name).ToList();
        names.Should().BeEquivalentTo("a/%2F/b", "tab\tand\u0001control", "plus+and space");
        (await AllAsync(store.ListVersionsAsync("", CancellationToken.None))).Select(v => v.Name).Should().BeEquivalentTo(names);
        (await FailureAsync(async () => await store.OpenAsync("a/%2F/b", CancellationToken.None))).Failure.Should().Be(StoreFailure.NotFound);
        await using var control = await store.OpenAsync("tab\tand\u0001control", CancellationToken.None);
        control.LengthBytes.Should().Be(1);
    }

    [Fact]
    public async Task Versions_and_delete_markers_are_told_apart()
    {
        var bucket = await on.CreateAsync(objectLock: true);
        var first = (await on.PutAsync(bucket, "pack", [1])).VersionId;
        var second = (await on.PutAsync(bucket, "pack", [1, 2])).VersionId;
        var marker = (await on.Client.DeleteObjectAsync(bucket, "pack")).VersionId;
        using var store = on.Store(bucket);
        var versions = await AllAsync(store.ListVersionsAsync("", CancellationToken.None));
        versions.Select(v => (v.Version, v.LengthBytes, v.IsCurrent, v.IsDeleteMarker)).Should().BeEquivalentTo([(marker, 0L, true, true), (second, 2L, false, false), (first, 1L, false, false)]);
        (await AllAsync(store.ListAsync("", CancellationToken.None))).Should().BeEmpty("only older versions are left");
        (await FailureAsync(async () => await store.OpenAsync("pack", CancellationToken.None))).Failure.Should().Be(StoreFailure.NotFound);
        (await store.LockAsync("pack", marker, CancellationToken.None)).Should().Be(ObjectLock.None, "a marker is never protected");
    }

    [Fact]
    public async Task More_versions_than_a_page_are_each_listed_once()
    {
        var bucket = await on.CreateAsync(objectLock: true);
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_010), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await on.PutAsync(bucket, $"é {i % 5}", [1]));
        using var store = on.Store(bucket);
        var versions = await AllAsync(store.ListVersionsAsync("", CancellationToken.None));
        versions.Should().HaveCount(1_010).And.OnlyHaveUniqueItems(v => v.Name + v.Version);
        versions.Where(v => v.IsCurrent).Select(v => v.Name).Should().BeEquivalentTo("é 0", "é 1", "é 2", "é 3", "é 4");
    }

    [Fact]
    public async Task The_lock_of_each_version_is_told_with_its_date_and_hold()
    {
        var bucket = await on.CreateAsync(objectLock: true);
        var until = DateTime.UtcNow.AddHours(2);
        var compliance = (await on.PutAsync(bucket, "o", [1], r => (r.ObjectLockMode, r.ObjectLockRetainUntilDate) = (ObjectLockMode.Compliance, until))).VersionId;
        var governance = (await on.PutAsync(bucket, "o", [2], r => (r.ObjectLockMode, r.ObjectLockRetainUntilDate) = (ObjectLockMode.Governance, until))).VersionId;
        var hold = (await on.PutAsync(bucket, "o", [3], r => r.ObjectLockLegalHoldStatus = ObjectLockLegalHoldStatus.On)).VersionId;
        var none = (await on.PutAsync(bucket, "o", [4])).VersionId;
        using var store = on.Store(bucket);
        var locks = new Dictionary<string, ObjectLock>();
        foreach (var version in (string[])[compliance, governance, hold, none]) locks[version] = await store.LockAsync("o", version, CancellationToken.None);
        (locks[compliance].Mode, locks[compliance].LegalHold).Should().Be((LockMode.Compliance, false));
        locks[compliance].RetainUntil.Should().BeCloseTo(new DateTimeOffset(until), TimeSpan.FromSeconds(1));
        locks[governance].Mode.Should().Be(LockMode.Governance);
        locks[hold].Should().Be(new ObjectLock(LockMode.None, null, true));
        locks[none].Should().Be(ObjectLock.None);
        (await store.LockAsync("o", "", CancellationToken.None)).Should().Be(ObjectLock.None, "no version means the current one");
        (await FailureAsync(async () => await store.LockAsync("absent", "", CancellationToken.None))).Failure.Should().Be(StoreFailure.NotFound);
    }

    [Fact]
    public async Task Nothing_is_held_in_a_bucket_without_Object_Lock()
    {
        var bucket = await on.CreateAsync();
        await on.PutAsync(bucket, "o", [1]);
        using var store = on.Store(bucket);
        var version = (await AllAsync(store.ListVersionsAsync("", CancellationToken.None))).Single();
        (await store.LockAsync(version.Name, version.Version, CancellationToken.None)).Should().Be(ObjectLock.None);
    }

    [Fact]
    public async Task What_an_identity_may_not_see_is_unknown_and_not_unlocked()
    {
        var bucket = await on.CreateAsync(objectLock: true);
        var version = (await on.PutAsync(bucket, "o", [1], r => (r.ObjectLockMode, r.ObjectLockRetainUntilDate) = (ObjectLockMode.Compliance, DateTime.UtcNow.AddHours(1)))).VersionId;
        var name = "reader" + bucket;
        var (accessKey, secretKey) = await on.Gateway.CreateUserAsync(name);
        using var store = Buckets.Store(new S3Location(new Uri(on.Gateway.Plain), bucket, ""), on.Settings(accessKey, secretKey));
        (await FailureAsync(async () => await AllAsync(store.ListAsync("", CancellationToken.None)))).Failure.Should().Be(StoreFailure.Denied, "no policy lets it in yet");

        await on.Client.PutBucketPolicyAsync(bucket, $$"""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/{{name}}"]},"Action":["s3:ListBucket","s3:ListBucketVersions","s3:GetObject","s3:GetObjectVersion"],"Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]},
              {"Effect":"Deny","Principal":{"AWS":["arn:aws:iam:::user/{{name}}"]},"Action":["s3:GetObjectRetention","s3:GetObjectLegalHold"],"Resource":["arn:aws:s3:::{{bucket}}/*"]}]}
            """);
        (await AllAsync(store.ListAsync("", CancellationToken.None))).Should().ContainSingle();
        await using (var reader = await store.OpenAsync("o", CancellationToken.None)) reader.LengthBytes.Should().Be(1);
        (await store.LockAsync("o", version, CancellationToken.None)).Should().Be(ObjectLock.Unknown);
    }

    [Fact]
    public async Task An_object_that_changes_while_it_is_read_is_never_a_mixture()
    {
        var bucket = await on.CreateAsync();
        await on.PutAsync(bucket, "o", [.. Enumerable.Repeat((byte)1, 3_000_000)]);
        using var store = on.Store(bucket);
        await using var reader = await store.OpenAsync("o", CancellationToken.None);
        await on.PutAsync(bucket, "o", [.. Enumerable.Repeat((byte)2, 3_000_000)]);
        var buffer = new byte[1000];
        var failure = await FailureAsync(async () => { for (var offset = 2_900_000; ; offset -= 500_000) await reader.ReadAsync(offset, buffer, CancellationToken.None); });
        (failure.Failure, failure.ObjectName, failure.Message).Should().Be((StoreFailure.Transient, "o", "it was written again while it was being read"));
    }

    [Fact]
    public async Task An_object_encrypted_with_somebody_elses_key_is_denied()
    {
        var bucket = await on.CreateAsync();
        var key = Convert.ToBase64String(new byte[32]);
        await on.PutAsync(bucket, "o", [1, 2, 3], r => (r.ServerSideEncryptionCustomerMethod, r.ServerSideEncryptionCustomerProvidedKey) = (ServerSideEncryptionCustomerMethod.AES256, key));
        using var store = on.Store(bucket);
        var failure = await FailureAsync(async () => await store.OpenAsync("o", CancellationToken.None));
        failure.Failure.Should().Be(StoreFailure.Denied);
        failure.Message.Should().Contain("key that the store was not given");
    }

    [Fact]
    public async Task Wrong_keys_and_a_bucket_that_is_not_there_are_told_apart()
    {
        var bucket = await on.CreateAsync();
        var location = new S3Location(new Uri(on.Gateway.Plain), bucket, "");
        async Task<StoreException> Ask(S3Location where, StoreSettings settings)
        {
            using var store = Buckets.Store(where, settings);
            return await FailureAsync(async () => await AllAsync(store.ListAsync("", CancellationToken.None)));
        }
        var secret = await Ask(location, on.Settings(secretKey: "sample-wrong"));
        (secret.Failure, secret.Message).Should().Be((StoreFailure.Denied, "the store refuses the signature: the secret key is not the one of this access key"));
        var access = await Ask(location, on.Settings(accessKey: "SAMPLEUNKNOWN"));
        (access.Failure, access.Message).Should().Be((StoreFailure.Denied, "the store does not know this access key"));
        var missing = await Ask(location with { Bucket = "no-such-bucket" }, on.Settings());
        (missing.Failure, missing.Message).Should().Be((StoreFailure.Misconfigured, "there is no such bucket"));
    }

    [Fact]
    public async Task TLS_holds_only_under_the_authority_that_was_given()
    {
        var bucket = await on.CreateAsync();
        await on.PutAsync(bucket, "o", Encoding.ASCII.GetBytes("over TLS"));
        var location = new S3Location(new Uri(on.Gateway.Tls), bucket, "");
        using (var store = Buckets.Store(location, on.Settings() with { CaFile = on.Gateway.CaFile }))
        {
            await using var reader = await store.OpenAsync("o", CancellationToken.None);
            reader.LengthBytes.Should().Be(8);
        }
        using var untrusting = Buckets.Store(location, on.Settings());
        var failure = await FailureAsync(async () => await untrusting.OpenAsync("o", CancellationToken.None));
        failure.Failure.Should().Be(StoreFailure.Misconfigured);
        failure.Message.Should().Contain("certificate is not trusted");
        ((Func<S3Store>)(() => Buckets.Store(location, on.Settings() with { CaFile = on.Settings().CredentialsFile }))).Should().Throw<UsageException>().WithMessage("*holds no certificate*");
    }
}
