using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Agent.Tests.Scheduling;
using BackupGuard.Tests.Servers;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores.Azure;

/// <summary>What the Azure store makes of a server that fails, lies or hangs, and of what Azurite does not implement, by answers of the recorded shape.</summary>
public sealed class AzureStoreOnABadServer : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly TestFolder disk = new();
    private readonly TestClock clock = new(Now);
    private FakeAzure server = null!;
    private AzureStore store = null!;

    public async Task InitializeAsync()
    {
        server = await FakeAzure.StartAsync();
        File.WriteAllText(disk["keys"], $"account_key={Azurite.Key}\n");
        File.WriteAllText(disk["sas"], "sas=sv=2020-12-06&sp=rl&sig=sample-signature\n");
        store = Store(new StoreLimits { Retries = 0 });
    }

    private AzureStore Store(StoreLimits limits, string keys = "keys") => new(server.Location, new StoreSettings { CredentialsFile = disk[keys] }, clock, limits);

    public async Task DisposeAsync()
    {
        store.Dispose();
        disk.Dispose();
        await server.DisposeAsync();
    }

    private static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items) all.Add(item);
        return all;
    }

    private Task<List<StoredObject>> ListAsync(string prefix = "") => AllAsync(store.ListAsync(prefix, CancellationToken.None));

    private async Task<byte[]> ReadAsync(string name)
    {
        await using var reader = await store.OpenAsync(name, CancellationToken.None);
        var bytes = new byte[reader.LengthBytes];
        for (var offset = 0; offset < bytes.Length;) offset += await reader.ReadAsync(offset, bytes.AsMemory(offset, Math.Min(1 << 20, bytes.Length - offset)), CancellationToken.None);
        return bytes;
    }

    private static async Task<StoreException> FailureAsync(Func<Task> act) => (await act.Should().ThrowAsync<StoreException>()).Which;

    [Fact]
    public async Task Reading_an_object_from_its_beginning_to_its_end_is_one_request()
    {
        server.Objects["pack"] = RandomNumberGenerator.GetBytes(5_000_000);
        (await ReadAsync("pack")).Should().Equal(server.Objects["pack"]);
        server.Asked.Should().ContainSingle();
    }

    [Fact]
    public async Task Jumps_ask_for_pieces_and_readers_work_side_by_side()
    {
        server.Objects["pack"] = RandomNumberGenerator.GetBytes(5_000_000);
        await using (var reader = await store.OpenAsync("pack", CancellationToken.None))
        {
            var buffer = new byte[100_000];
            (await reader.ReadAsync(1_000_000, buffer, CancellationToken.None)).Should().Be(buffer.Length);
            buffer.Should().Equal(server.Objects["pack"][1_000_000..1_100_000]);
            server.Asked.Last().Should().EndWith("bytes=1000000-1262143");
        }
        var inside = 0;
        var all = new TaskCompletionSource();
        server.Instead = async c =>
        {
            if (c.Request.Method == "HEAD") return false;
            if (Interlocked.Increment(ref inside) == 24) all.SetResult();
            await all.Task.WaitAsync(TimeSpan.FromSeconds(20));
            return false;
        };
        await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => ReadAsync("pack")));
        all.Task.IsCompletedSuccessfully.Should().BeTrue("no limit of connections stands in the way of 24 readers at once");
    }

    [Theory]
    [InlineData(503, "ServerBusy", StoreFailure.Transient, "busy or failing (ServerBusy, 503)")]
    [InlineData(500, "OperationTimedOut", StoreFailure.Transient, "busy or failing")]
    [InlineData(429, "", StoreFailure.Transient, "busy or failing (429)")]
    [InlineData(502, "", StoreFailure.Transient, "busy or failing (502)")]
    [InlineData(403, "AuthenticationFailed", StoreFailure.Denied, "it is wrong or has expired, or the clock")]
    [InlineData(403, "AuthorizationPermissionMismatch", StoreFailure.Denied, "give it the role")]
    [InlineData(403, "KeyBasedAuthenticationNotPermitted", StoreFailure.Denied, "Entra ID")]
    [InlineData(401, "NoAuthenticationInformation", StoreFailure.Denied, "(NoAuthenticationInformation, 401)")]
    [InlineData(404, "BlobNotFound", StoreFailure.NotFound, "it is not there")]
    [InlineData(404, "", StoreFailure.NotFound, "it is not there")]
    [InlineData(404, "ContainerNotFound", StoreFailure.Misconfigured, "no such container")]
    [InlineData(409, "ContainerBeingDeleted", StoreFailure.Misconfigured, "no such container")]
    [InlineData(409, "BlobArchived", StoreFailure.Denied, "archive tier")]
    [InlineData(409, "BlobUsesCustomerSpecifiedEncryption", StoreFailure.Denied, "key that the store was not given")]
    [InlineData(409, "LeaseIdMissing", StoreFailure.Transient, "does not allow that now")]
    [InlineData(412, "ConditionNotMet", StoreFailure.Transient, "written again")]
    [InlineData(400, "InvalidHeaderValue", StoreFailure.Misconfigured, "does not know this request")]
    [InlineData(407, "", StoreFailure.Denied, "proxy")]
    [InlineData(418, "Teapot", StoreFailure.Corrupt, "not expected (Teapot, 418)")]
    public async Task Each_refusal_has_its_kind_and_its_sentence(int status, string code, StoreFailure kind, string says)
    {
        server.Instead = c => FakeAzure.ErrorAsync(c, status, code);
        var failure = await FailureAsync(() => ReadAsync("o"));
        (failure.Failure, failure.ObjectName).Should().Be((kind, "o"));
        failure.Message.Should().Contain(says);
        (await FailureAsync(() => ListAsync("data/"))).ObjectName.Should().Be("data/");
    }

    [Fact]
    public async Task A_busy_store_is_asked_again_and_not_for_as_long_as_it_wants()
    {
        using var patient = Store(new StoreLimits { Retries = 2, LongestPause = TimeSpan.FromMilliseconds(100) });
        server.Objects["o"] = [1];
        var left = 2;
        server.Instead = c =>
        {
            if (left-- <= 0) return Task.FromResult(false);
            c.Response.Headers.RetryAfter = "86400";
            c.Response.Headers["x-ms-retry-after-ms"] = "86400000";
            return FakeAzure.ErrorAsync(c, 503, "ServerBusy");
        };
        var watch = Stopwatch.StartNew();
        (await AllAsync(patient.ListAsync("", CancellationToken.None))).Should().ContainSingle();
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
        server.Asked.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_SAS_goes_with_each_request_and_into_no_message()
    {
        using var bySas = Store(new StoreLimits { Retries = 0 }, "sas");
        server.Objects["o"] = [1];
        await using (await bySas.OpenAsync("o", CancellationToken.None)) { }
        (await AllAsync(bySas.ListAsync("", CancellationToken.None))).Should().ContainSingle();
        server.Asked.Should().HaveCount(2).And.OnlyContain(a => a.Contains("sig=sample-signature", StringComparison.Ordinal));
        server.Instead = c => { c.Abort(); return Task.FromResult(true); };
        var failure = await FailureAsync(async () => await bySas.OpenAsync("o", CancellationToken.None));
        failure.ToString().Should().NotContain("sample-signature");
        failure.Failure.Should().Be(StoreFailure.Transient);
    }

    [Fact]
    public async Task A_redirect_is_said_and_not_followed()
    {
        await using var elsewhere = await FakeAzure.StartAsync();
        server.Instead = c =>
        {
            c.Response.Headers.Location = elsewhere.Location.Service + "container/o";
            return FakeAzure.ErrorAsync(c, 307, "");
        };
        var failure = await FailureAsync(() => ReadAsync("o"));
        failure.Failure.Should().Be(StoreFailure.Misconfigured);
        failure.Message.Should().Contain("at 127.0.0.1").And.Contain("not followed");
        elsewhere.Asked.Should().BeEmpty();
    }

    [Fact]
    public async Task A_body_that_ends_early_is_no_short_object()
    {
        server.Objects["o"] = new byte[100_000];
        server.Instead = async c =>
        {
            c.Response.Headers.ETag = "\"1\"";
            c.Response.ContentLength = 100_000;
            await c.Response.Body.WriteAsync(new byte[40_000]);
            // The server ends the connection at the promise it did not keep.
            await c.Response.Body.FlushAsync();
            return true;
        };
        var failure = await FailureAsync(() => ReadAsync("o"));
        (failure.Failure, failure.ObjectName).Should().Be((StoreFailure.Transient, "o"));
        failure.Message.Should().MatchRegex("^after [0-9]+ of 100000 bytes: ");
    }

    [Fact]
    public async Task A_server_that_gives_other_bytes_than_were_asked_for_is_not_believed()
    {
        server.Objects["o"] = new byte[3_000_000];
        await using var reader = await store.OpenAsync("o", CancellationToken.None);
        server.Instead = c =>
        {
            c.Request.Headers.Remove("Range");
            return Task.FromResult(false);
        };
        var failure = await FailureAsync(async () => await reader.ReadAsync(2_000_000, new byte[10], CancellationToken.None));
        (failure.Failure, failure.ObjectName).Should().Be((StoreFailure.Corrupt, "o"));
    }

    [Fact]
    public async Task Every_further_piece_is_asked_for_with_the_ETag_of_the_opened_blob()
    {
        server.Objects["o"] = new byte[3_000_000];
        var tags = new List<string?>();
        server.Instead = c =>
        {
            tags.Add(c.Request.Headers.IfMatch);
            return Task.FromResult(false);
        };
        await using var reader = await store.OpenAsync("o", CancellationToken.None);
        await reader.ReadAsync(2_000_000, new byte[10], CancellationToken.None);
        tags.Should().Equal(null, "\"3000000\"");
    }

    [Fact]
    public async Task An_answer_without_a_length_or_without_an_ETag_is_not_read()
    {
        server.Instead = c => FakeAzure.TextAsync(c, "hello", "application/octet-stream");
        (await FailureAsync(() => ReadAsync("o"))).Message.Should().Be("the store does not say how long it is");
        server.Instead = async c =>
        {
            c.Response.ContentLength = 1;
            await c.Response.Body.WriteAsync(new byte[1]);
            return true;
        };
        (await FailureAsync(() => ReadAsync("o"))).Message.Should().Contain("no ETag");
        server.Instead = _ => Task.FromResult(false);
        server.Objects["empty"] = [];
        (await ReadAsync("empty")).Should().BeEmpty();
    }

    public static TheoryData<string> NoListings() => new(
        "<html><body>Welcome</body></html>", "", "no XML at all", "{\"blobs\":[]}",
        "<EnumerationResults><Blobs><Blob><Name>a",
        "<EnumerationResults></EnumerationResults>",
        "<EnumerationResults><Blobs /></EnumerationResults>",
        "<EnumerationResults><NextMarker /></EnumerationResults>",
        "<x><EnumerationResults><Blobs /><NextMarker /></EnumerationResults></x>",
        FakeAzure.Listing(FakeAzure.Entry("a", "-5")), FakeAzure.Listing(FakeAzure.Entry("a", "many")), FakeAzure.Listing(FakeAzure.Entry("a", "99999999999999999999")),
        FakeAzure.Listing(FakeAzure.Entry("a").Replace("Last-Modified", "Modified", StringComparison.Ordinal)), FakeAzure.Listing("<Blob><Name>a</Name></Blob>"),
        FakeAzure.Listing(FakeAzure.Entry("")), FakeAzure.Listing(FakeAzure.Entry(new string('a', 1_025))),
        FakeAzure.Listing(FakeAzure.Entry("a", more: string.Concat(Enumerable.Repeat("<d>", 40)) + string.Concat(Enumerable.Repeat("</d>", 40)))),
        FakeAzure.Listing(FakeAzure.Entry($"<Name>{string.Concat(Enumerable.Repeat("<d>", 200_000))}{string.Concat(Enumerable.Repeat("</d>", 200_000))}</Name>")), FakeAzure.Listing("<Blob />"),
        "<EnumerationResults>" + string.Concat(Enumerable.Repeat("<d>", 50_000)),
        FakeAzure.Listing(string.Concat(Enumerable.Range(0, 5_001).Select(i => FakeAzure.Entry(i.ToString(CultureInfo.InvariantCulture))))));

    [Theory]
    [MemberData(nameof(NoListings))]
    public async Task What_is_no_listing_is_never_an_empty_one(string answer)
    {
        server.Instead = c => FakeAzure.TextAsync(c, answer);
        (await FailureAsync(() => ListAsync())).Failure.Should().Be(StoreFailure.Corrupt);
    }

    [Fact]
    public async Task Entities_of_a_hostile_answer_are_refused()
    {
        var bomb = string.Concat(Enumerable.Range(1, 12).Select(i => $"<!ENTITY e{i} \"{string.Concat(Enumerable.Repeat($"&e{i - 1};", 10))}\">"));
        server.Instead = c => FakeAzure.TextAsync(c, $"<!DOCTYPE x [<!ENTITY e0 \"aaaaaaaaaa\">{bomb}]>" + FakeAzure.Listing(FakeAzure.Entry("a&e12;")).TrimStart('\uFEFF')[38..]);
        var before = GC.GetTotalAllocatedBytes();
        (await FailureAsync(() => ListAsync())).Failure.Should().Be(StoreFailure.Corrupt);
        (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(100_000_000);
    }

    [Theory]
    [InlineData("same", "same")]
    [InlineData("one", "two")]
    public async Task A_listing_that_goes_round_in_circles_is_left(string first, string second)
    {
        server.Instead = c => FakeAzure.TextAsync(c, FakeAzure.Listing(FakeAzure.Entry("a"), server.Asked.Count % 2 == 1 ? first : second));
        (await FailureAsync(() => ListAsync())).Failure.Should().Be(StoreFailure.Corrupt);
        server.Asked.Count.Should().BeLessThan(5);
    }

    [Fact]
    public async Task Pages_without_a_blob_do_not_go_on_for_ever()
    {
        server.Instead = c => FakeAzure.TextAsync(c, FakeAzure.Listing("", $"m{server.Asked.Count}"));
        (await FailureAsync(() => ListAsync())).Failure.Should().Be(StoreFailure.Corrupt);
        server.Asked.Count.Should().BeLessThan(1_100);
    }

    [Fact]
    public async Task A_listing_of_another_prefix_is_not_taken()
    {
        server.Instead = c => FakeAzure.TextAsync(c, FakeAzure.Listing(FakeAzure.Entry("other/a")));
        (await FailureAsync(() => ListAsync("data/"))).Failure.Should().Be(StoreFailure.Corrupt);
    }

    [Fact]
    public async Task Names_that_would_leave_the_store_are_shown_escaped_and_folders_are_none()
    {
        server.Instead = c => FakeAzure.TextAsync(c, FakeAzure.Listing(string.Concat(new[] { "../x", "/etc/passwd", "a/./b", "c//d", "e", "f/", "<Name Encoded=\"true\">g%EF%BF%BE</Name>" }.Select(k => FakeAzure.Entry(k)))
            + FakeAzure.Entry("mark/", "0") + FakeAzure.Entry("directory", "0", properties: "<ResourceType>directory</ResourceType>")));
        (await ListAsync()).Select(o => o.Name).Should().Equal("%2E%2E/x", "%2F/etc/passwd", "a/%2E/b", "c/%2F/d", "e", "f/%2F", "g\uFFFE");
        await ((Func<Task>)(async () => await store.OpenAsync("../x", CancellationToken.None))).Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task A_listing_without_end_is_left()
    {
        server.Instead = async c =>
        {
            c.Response.ContentType = "application/xml";
            await c.Response.WriteAsync("<EnumerationResults><Prefix>");
            var block = new byte[1 << 20];
            Array.Fill(block, (byte)'a');
            while (!c.RequestAborted.IsCancellationRequested) await c.Response.Body.WriteAsync(block, c.RequestAborted);
            return true;
        };
        var failure = await FailureAsync(() => ListAsync());
        failure.Failure.Should().Be(StoreFailure.Corrupt);
        failure.Message.Should().Contain("longer than");
    }

    [Theory]
    [InlineData("before the answer")]
    [InlineData("in a listing")]
    [InlineData("in an object")]
    public async Task A_store_that_hangs_is_left(string where)
    {
        store.Dispose();
        store = Store(new StoreLimits { Retries = 0, Answer = TimeSpan.FromMilliseconds(300), Stall = TimeSpan.FromMilliseconds(300) });
        var over = new TaskCompletionSource();
        server.Instead = async c =>
        {
            c.Response.Headers.ETag = "\"1\"";
            if (where == "in an object") c.Response.ContentLength = 1000;
            if (where != "before the answer")
            {
                await c.Response.WriteAsync("<EnumerationResults>");
                await c.Response.Body.FlushAsync();
            }
            await over.Task;
            return true;
        };
        try
        {
            (await FailureAsync(where == "in an object" ? () => ReadAsync("o") : () => ListAsync())).Failure.Should().Be(StoreFailure.Transient);
        }
        finally
        {
            over.SetResult();
        }
    }

    [Fact]
    public async Task Versions_and_what_was_deleted_over_them_are_told_apart_by_recorded_answers()
    {
        static string Version(string id, bool current) => $"<VersionId>{id}</VersionId>{(current ? "<IsCurrentVersion>true</IsCurrentVersion>" : "")}";
        server.Instead = c => FakeAzure.TextAsync(c, c.Request.Query["marker"].Count == 0
            ? FakeAzure.Listing(FakeAzure.Entry("deleted", "3", Version("2026-11-20T10:00:00.0000000Z", false)) + FakeAzure.Entry("pack", "1", Version("2026-11-20T11:00:00.0000000Z", false)), "more")
            : FakeAzure.Listing(FakeAzure.Entry("pack", "2", Version("2026-11-21T11:00:00.0000000Z", true)) + FakeAzure.Entry("plain", "4") + FakeAzure.Entry("z", "5", Version("2026-11-21T12:00:00.0000000Z", false))));
        var versions = await AllAsync(store.ListVersionsAsync("", CancellationToken.None));
        versions.Select(v => (v.Name, v.Version.Length, v.LengthBytes, v.IsCurrent, v.IsDeleteMarker)).Should().Equal(
            ("deleted", 28, 3L, false, false), ("deleted", 0, 0L, true, true), ("pack", 28, 1L, false, false), ("pack", 28, 2L, true, false), ("plain", 0, 4L, true, false), ("z", 28, 5L, false, false), ("z", 0, 0L, true, true));
        server.Asked.Should().OnlyContain(a => a.Contains("include=versions", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("locked", "Fri, 01 Jan 2027 00:00:00 GMT", "", LockMode.Locked, true, null)]
    [InlineData("Unlocked", "Fri, 01 Jan 2027 00:00:00 GMT", "true", LockMode.Unlocked, true, true)]
    [InlineData("mutable", "Fri, 01 Jan 2027 00:00:00 GMT", "false", LockMode.Unknown, false, false)]
    [InlineData("locked", "", "", LockMode.Unknown, false, null)]
    [InlineData("", "Fri, 01 Jan 2027 00:00:00 GMT", "", LockMode.Unknown, false, null)]
    [InlineData("locked", "next year", "", LockMode.Unknown, false, null)]
    public async Task A_policy_is_what_the_headers_of_that_version_say_by_recorded_answers(string mode, string until, string hold, LockMode expected, bool isDated, bool? held)
    {
        server.Objects["o"] = [1];
        server.Instead = c =>
        {
            if (mode.Length > 0) c.Response.Headers["x-ms-immutability-policy-mode"] = mode;
            if (until.Length > 0) c.Response.Headers["x-ms-immutability-policy-until-date"] = until;
            if (hold.Length > 0) c.Response.Headers["x-ms-legal-hold"] = hold;
            return Task.FromResult(false);
        };
        (await store.LockAsync("o", "2026-11-20T10:00:00.0000000Z", CancellationToken.None)).Should().Be(new ObjectLock(expected, isDated ? new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero) : null, held));
        server.Asked.Should().ContainSingle().Which.Should().StartWith("HEAD ").And.Contain("versionid=2026-11-20T10%3A00%3A00.0000000Z");
    }

    [Theory]
    [InlineData("false", "false", "false", LockMode.None, false)]
    [InlineData("false", "false", "true", LockMode.None, false)]
    [InlineData("false", "true", "false", LockMode.None, true)]
    [InlineData("true", "false", "false", LockMode.Unknown, null)]
    [InlineData("true", "false", "true", LockMode.Unknown, null)]
    [InlineData("", "false", "false", LockMode.Unknown, null)]
    [InlineData("false", "false", "", LockMode.Unknown, null)]
    public async Task Without_a_policy_of_its_own_nothing_holds_a_blob_only_where_the_container_says_so_by_recorded_answers(string policy, string hold, string versions, LockMode expected, bool? held)
    {
        server.Objects["o"] = [1];
        server.Instead = c =>
        {
            if (c.Request.Query["restype"] != "container") return Task.FromResult(false);
            foreach (var (name, value) in ((string, string)[])[("x-ms-has-immutability-policy", policy), ("x-ms-has-legal-hold", hold), ("x-ms-immutable-storage-with-versioning-enabled", versions)])
                if (value.Length > 0) c.Response.Headers[name] = value;
            return Task.FromResult(true);
        };
        (await store.LockAsync("o", "", CancellationToken.None)).Should().Be(new ObjectLock(expected, null, held));
    }

    [Fact]
    public async Task A_canary_is_gone_only_by_the_word_of_the_store()
    {
        using var witness = new AzureCanaryWitness(server.Location, new StoreSettings { CredentialsFile = disk["sas"] }, new StoreLimits { Retries = 0 }, clock);
        var canary = new CanaryVersion(new CanaryKey(new CanaryRun("run1"), "long"), "");
        (await witness.LookAsync(canary, CancellationToken.None)).Kind.Should().Be(SightKind.Gone);
        foreach (var (status, code) in ((int, string)[])[(404, ""), (404, "ContainerNotFound"), (403, "AuthorizationFailure"), (503, "ServerBusy")])
        {
            server.Instead = c => FakeAzure.ErrorAsync(c, status, code);
            (await witness.LookAsync(canary, CancellationToken.None)).Kind.Should().Be(SightKind.Unseen, $"{status} {code}");
        }
        server.Instead = async c =>
        {
            c.Response.ContentLength = 4_096;
            await c.Response.Body.WriteAsync(new byte[100]);
            await c.Response.Body.FlushAsync();
            return true;
        };
        (await witness.LookAsync(canary, CancellationToken.None)).Kind.Should().Be(SightKind.Unseen, "a part of it is not the canary");
    }

    [Fact]
    public async Task What_cannot_be_asked_is_unknown_and_what_is_busy_is_no_answer_by_recorded_answers()
    {
        server.Objects["o"] = [1];
        server.Instead = c => c.Request.Query["restype"] == "container" ? FakeAzure.ErrorAsync(c, 403, "AuthorizationPermissionMismatch") : Task.FromResult(false);
        (await store.LockAsync("o", "", CancellationToken.None)).Should().Be(ObjectLock.Unknown);
        server.Instead = c =>
        {
            c.Response.Headers["x-ms-version"] = "2019-12-12";
            return Task.FromResult(false);
        };
        (await store.LockAsync("o", "", CancellationToken.None)).Mode.Should().Be(LockMode.Unknown, "a store from before these policies says nothing of them by saying nothing");
        server.Instead = c => FakeAzure.ErrorAsync(c, 503, "ServerBusy");
        (await FailureAsync(async () => await store.LockAsync("o", "", CancellationToken.None))).Failure.Should().Be(StoreFailure.Transient);
    }
}
