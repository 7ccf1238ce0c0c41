using System.Security.Cryptography;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Agent.Tests.Scheduling;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores.S3;

/// <summary>What the S3 store makes of a server that fails, lies or hangs, and how many requests it needs of one that does not.</summary>
public sealed class S3StoreOnABadServer : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly TestFolder disk = new();
    private readonly TestClock clock = new(Now);
    private FakeS3 server = null!;
    private S3Store store = null!;

    public async Task InitializeAsync()
    {
        server = await FakeS3.StartAsync();
        store = Store(new StoreLimits { Retries = 1 });
    }

    private S3Store Store(StoreLimits limits) => new(server.Location, new StoreSettings { CredentialsFile = Buckets.Credentials(disk, "SAMPLE", "sample-secret") }, clock, limits);

    public async Task DisposeAsync()
    {
        store.Dispose();
        disk.Dispose();
        await server.DisposeAsync();
    }

    private async Task<List<StoredObject>> ListAsync()
    {
        var all = new List<StoredObject>();
        await foreach (var item in store.ListAsync("", CancellationToken.None)) all.Add(item);
        return all;
    }

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
    public async Task Jumps_ask_for_pieces_that_grow_and_small_gaps_are_read_over()
    {
        server.Objects["pack"] = RandomNumberGenerator.GetBytes(5_000_000);
        await using var reader = await store.OpenAsync("pack", CancellationToken.None);
        var buffer = new byte[100_000];
        foreach (var offset in (int[])[1_000_000, 1_100_000, 1_250_000, 1_350_000])
        {
            (await reader.ReadAsync(offset, buffer, CancellationToken.None)).Should().Be(buffer.Length);
            buffer.Should().Equal(server.Objects["pack"][offset..(offset + buffer.Length)]);
        }
        server.Asked.Select(a => a[(a.LastIndexOf(' ') + 1)..]).Skip(1).Should().Equal("bytes=1000000-1262143", "bytes=1262144-2310719");

        await using var next = await store.OpenAsync("pack", CancellationToken.None);
        server.Asked.Last().Should().StartWith("HEAD ", "who reads at random is not sent a whole object first");
        await next.ReadAsync(0, buffer, CancellationToken.None);
        await using var after = await store.OpenAsync("pack", CancellationToken.None);
        server.Asked.Last().Should().StartWith("GET ");
    }

    [Fact]
    public async Task An_answer_that_nobody_read_for_a_while_is_asked_for_again_where_it_stood()
    {
        server.Objects["pack"] = RandomNumberGenerator.GetBytes(4_000_000);
        await using var reader = await store.OpenAsync("pack", CancellationToken.None);
        var bytes = new byte[4_000_000];
        await reader.ReadAsync(0, bytes.AsMemory(0, 1000), CancellationToken.None);
        clock.Advance(TimeSpan.FromMinutes(2));
        await reader.ReadAsync(1000, bytes.AsMemory(1000), CancellationToken.None);
        bytes.Should().Equal(server.Objects["pack"]);
        server.Asked.Last().Should().EndWith("bytes=1000-3999999");
    }

    [Theory]
    [InlineData(503, "SlowDown")]
    [InlineData(500, "InternalError")]
    [InlineData(503, "")]
    public async Task A_busy_store_is_asked_again_and_then_said_to_be_busy(int status, string code)
    {
        server.Objects["o"] = [1];
        var refusals = 1;
        server.Instead = c => Interlocked.Decrement(ref refusals) >= 0 ? FakeS3.ErrorAsync(c, status, code) : Task.FromResult(false);
        (await ReadAsync("o")).Should().Equal(1);
        server.Asked.Should().HaveCount(2);

        refusals = int.MaxValue;
        var failure = await FailureAsync(() => ReadAsync("o"));
        failure.Failure.Should().Be(StoreFailure.Transient);
        failure.Message.Should().StartWith("the store is busy or failing");
        server.Asked.Should().HaveCount(4, "attempts are bounded");
    }

    [Theory]
    [InlineData(403, "AccessDenied", StoreFailure.Denied, "this identity may not do it (AccessDenied, 403)")]
    [InlineData(403, "RequestTimeTooSkewed", StoreFailure.Misconfigured, "the clock of this machine")]
    [InlineData(400, "ExpiredToken", StoreFailure.Denied, "session token")]
    [InlineData(404, "NoSuchBucket", StoreFailure.Misconfigured, "there is no such bucket")]
    [InlineData(403, "InvalidObjectState", StoreFailure.Denied, "archive class")]
    [InlineData(501, "NotImplemented", StoreFailure.Misconfigured, "does not know this request")]
    [InlineData(418, "Teapot", StoreFailure.Corrupt, "not expected (Teapot, 418)")]
    public async Task Each_refusal_has_its_kind_and_its_sentence(int status, string code, StoreFailure kind, string says)
    {
        server.Instead = c => FakeS3.ErrorAsync(c, status, code);
        var failure = await FailureAsync(() => ReadAsync("o"));
        (failure.Failure, failure.ObjectName).Should().Be((kind, "o"));
        failure.Message.Should().Contain(says).And.NotContain("sample-secret");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    public async Task A_redirect_is_said_and_not_followed(int status)
    {
        await using var elsewhere = await FakeS3.StartAsync();
        server.Instead = c =>
        {
            c.Response.Headers.Location = elsewhere.Location.Endpoint + "bucket/o";
            c.Response.Headers["x-amz-bucket-region"] = "eu-west-3";
            return FakeS3.ErrorAsync(c, status, "PermanentRedirect");
        };
        var failure = await FailureAsync(() => ReadAsync("o"));
        failure.Failure.Should().Be(StoreFailure.Misconfigured);
        failure.Message.Should().Contain("in the region eu-west-3").And.Contain("at 127.0.0.1");
        elsewhere.Asked.Should().BeEmpty();
    }

    [Fact]
    public async Task A_wrong_region_is_said_with_the_right_one_and_not_gone_to()
    {
        server.Instead = c => FakeS3.ErrorAsync(c, 400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>");
        var failure = await FailureAsync(() => ReadAsync("o"));
        failure.Failure.Should().Be(StoreFailure.Misconfigured);
        failure.Message.Should().Contain("correct the address or the region");
    }

    [Fact]
    public async Task A_body_that_ends_early_is_no_short_object()
    {
        server.Objects["o"] = new byte[100_000];
        server.Instead = async c =>
        {
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
    public async Task An_answer_without_a_length_is_not_an_empty_object()
    {
        server.Instead = c => FakeS3.TextAsync(c, "hello", "application/octet-stream");
        (await FailureAsync(() => ReadAsync("o"))).Message.Should().Be("the store does not say how long it is");
        server.Instead = _ => Task.FromResult(false);
        server.Objects["empty"] = [];
        (await ReadAsync("empty")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("<html><body>Welcome</body></html>", "text/html")]
    [InlineData("", "application/xml")]
    [InlineData("<ListBucketResult><Name>bucket</Name><Contents><Key>a", "application/xml")]
    [InlineData("{\"objects\":[]}", "application/json")]
    [InlineData("<ListBucketResult><Name>bucket</Name><Contents><Key>a</Key><Size>-5</Size><LastModified>2026-11-21T10:00:00.000Z</LastModified></Contents></ListBucketResult>", "application/xml")]
    [InlineData("<ListBucketResult><Name>bucket</Name><Contents><Key>a</Key><Size>many</Size><LastModified>2026-11-21T10:00:00.000Z</LastModified></Contents></ListBucketResult>", "application/xml")]
    [InlineData("<ListBucketResult><Name>bucket</Name><Contents><Key>a</Key><Size>5</Size></Contents></ListBucketResult>", "application/xml")]
    [InlineData("<html>mixed<p>text</p>and<br/>elements</html>", "text/html")]
    [InlineData("no XML at all", "text/plain")]
    public async Task What_is_no_listing_is_never_an_empty_one(string answer, string type)
    {
        server.Instead = c => FakeS3.TextAsync(c, answer, type);
        (await FailureAsync(ListAsync)).Failure.Should().Be(StoreFailure.Corrupt);
    }

    [Fact]
    public async Task Entities_of_a_hostile_answer_are_not_expanded()
    {
        var bomb = string.Concat(Enumerable.Range(1, 12).Select(i => $"<!ENTITY e{i} \"{string.Concat(Enumerable.Repeat($"&e{i - 1};", 10))}\">"));
        server.Instead = c => FakeS3.TextAsync(c, $"<!DOCTYPE x [<!ENTITY e0 \"aaaaaaaaaa\">{bomb}]>" + FakeS3.Listing(FakeS3.Entry("a&e12;")));
        var before = GC.GetTotalAllocatedBytes();
        try
        {
            (await ListAsync()).Should().ContainSingle().Which.Name.Length.Should().BeLessThan(10);
        }
        catch (StoreException e)
        {
            e.Failure.Should().Be(StoreFailure.Corrupt);
        }
        (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(100_000_000);
    }

    [Fact]
    public async Task Text_between_the_elements_of_a_listing_does_not_stop_it()
    {
        server.Instead = c => FakeS3.TextAsync(c, FakeS3.Listing("text" + FakeS3.Entry("a") + "more" + FakeS3.Entry("b")));
        (await ListAsync()).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_listing_that_goes_round_in_circles_is_left()
    {
        server.Instead = c => FakeS3.TextAsync(c, FakeS3.Listing(FakeS3.Entry("a"), "<IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken>"));
        (await FailureAsync(ListAsync)).Failure.Should().Be(StoreFailure.Corrupt);
        server.Asked.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_listing_of_another_prefix_is_not_taken()
    {
        server.Instead = c => FakeS3.TextAsync(c, FakeS3.Listing(FakeS3.Entry("other/a")));
        (await FailureAsync(async () => { await foreach (var _ in store.ListAsync("data/", CancellationToken.None)) { } })).Failure.Should().Be(StoreFailure.Corrupt);
    }

    [Fact]
    public async Task Keys_that_would_leave_the_store_are_shown_escaped()
    {
        server.Instead = c => FakeS3.TextAsync(c, FakeS3.Listing(string.Concat(new[] { "../x", "/etc/passwd", "a/./b", "c//d", "e", "f/" }.Select(k => FakeS3.Entry(k))) + FakeS3.Entry("mark/", "0")));
        (await ListAsync()).Select(o => o.Name).Should().Equal("%2E%2E/x", "%2F/etc/passwd", "a/%2E/b", "c/%2F/d", "e", "f/%2F");
    }

    [Fact]
    public async Task A_listing_without_end_is_left()
    {
        server.Instead = async c =>
        {
            c.Response.ContentType = "application/xml";
            await c.Response.WriteAsync("<ListBucketResult><Name>bucket</Name><Prefix>");
            var block = new byte[1 << 20];
            Array.Fill(block, (byte)'a');
            while (!c.RequestAborted.IsCancellationRequested) await c.Response.Body.WriteAsync(block, c.RequestAborted);
            return true;
        };
        var failure = await FailureAsync(ListAsync);
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
            if (where == "in an object") c.Response.ContentLength = 1000;
            if (where != "before the answer")
            {
                await c.Response.WriteAsync("<ListBucketResult>");
                await c.Response.Body.FlushAsync();
            }
            await over.Task;
            return true;
        };
        try
        {
            (await FailureAsync(where == "in an object" ? () => ReadAsync("o") : ListAsync)).Failure.Should().Be(StoreFailure.Transient);
        }
        finally
        {
            over.SetResult();
        }
    }

    [Fact]
    public async Task A_lock_without_a_word_of_the_store_is_unknown()
    {
        server.Objects["o"] = [1];
        server.Instead = c => c.Request.Query.ContainsKey("retention") ? FakeS3.TextAsync(c, "<Retention></Retention>")
            : c.Request.Query.ContainsKey("legal-hold") ? FakeS3.ErrorAsync(c, 403, "AccessDenied") : Task.FromResult(false);
        (await store.LockAsync("o", "", CancellationToken.None)).Should().Be(ObjectLock.Unknown);
        server.Instead = c => c.Request.Query.ContainsKey("retention") ? FakeS3.ErrorAsync(c, 501, "NotImplemented") : Task.FromResult(false);
        (await store.LockAsync("o", "", CancellationToken.None)).Should().Be(ObjectLock.Unknown);
        server.Instead = c => c.Request.Query.ContainsKey("retention") ? FakeS3.ErrorAsync(c, 404, "NoSuchObjectLockConfiguration")
            : c.Request.Query.ContainsKey("legal-hold") ? FakeS3.ErrorAsync(c, 404, "NoSuchObjectLockConfiguration") : Task.FromResult(false);
        (await store.LockAsync("o", "", CancellationToken.None)).Should().Be(ObjectLock.None, "AWS says so of an object without retention");
    }

    [Fact]
    public async Task A_throttled_question_about_a_lock_is_no_answer()
    {
        server.Objects["o"] = [1];
        server.Instead = c => FakeS3.ErrorAsync(c, 503, "SlowDown");
        (await FailureAsync(async () => await store.LockAsync("o", "", CancellationToken.None))).Failure.Should().Be(StoreFailure.Transient);
    }
}
