using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using BackupGuard.Agent.Link;
using BackupGuard.Agent.Spool;
using BackupGuard.Agent.Tests.Spool;
using FluentAssertions;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace BackupGuard.Agent.Tests.Link;

public sealed class Evidence_link_tests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("link").FullName;
    private readonly TestClock clock = new(DateTimeOffset.UtcNow);
    private readonly AgentIdentity identity;
    private readonly DurableSpool spool;

    public Evidence_link_tests()
    {
        identity = AgentIdentity.OpenOrCreate(folder, "pharmacie");
        spool = DurableSpool.Open(Path.Combine(folder, "spool"), identity.Key, identity.Origin, "1.0.0", clock);
    }

    public void Dispose()
    {
        spool.Dispose();
        identity.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void Record(int count, string payload = "{}")
    {
        for (var i = 0; i < count; i++) spool.Record("test.entry", "", Encoding.UTF8.GetBytes(payload), null);
    }

    private ServerChannel ChannelTo(Uri server, string? pin) => new(server, pin is null ? null : ServerPin.Parse(pin), identity, clock);

    private EvidenceLink LinkOver(ServerChannel channel) => new(spool, channel, identity.Name, clock, new Random(1));

    private async Task<SendReport> SendAsync(TestServer server, string? pin = null)
    {
        using var channel = ChannelTo(server.Address, pin);
        return await LinkOver(channel).SendPendingAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Waiting_entries_arrive_in_order_in_batches_of_at_most_a_hundred_and_leave_the_spool()
    {
        await using var server = await TestServer.StartAsync();
        server.AgentKey = identity.Key.PublicKey;
        Record(205);
        var report = await SendAsync(server);
        report.Should().BeEquivalentTo(new { Delivered = 205, IsInterrupted = false, Findings = Array.Empty<object>() });
        server.Requests.Select(r => r.Entries).Should().Equal(100, 100, 5);
        server.Requests.Should().OnlyContain(r => r.Path == "/api/v1/agents/pharmacie/evidence");
        server.Log.Keys.Should().HaveCount(205);
        spool.PendingCount.Should().Be(0);
        (await SendAsync(server)).Delivered.Should().Be(0);
        server.Requests.Should().HaveCount(3, "nothing waits, so nothing is asked");
    }

    [Fact]
    public async Task Batches_of_large_entries_stay_within_a_mebibyte()
    {
        await using var server = await TestServer.StartAsync();
        Record(30, $$"""{"x":"{{new string('a', 48_000)}}"}""");
        (await SendAsync(server)).Delivered.Should().Be(30);
        server.Requests.Should().HaveCountGreaterThan(1).And.OnlyContain(r => r.Bytes <= EvidenceLink.MaxBatchBytes);
    }

    [Theory]
    [InlineData(500, "BG1593")]
    [InlineData(503, "BG1593")]
    [InlineData(429, "BG1593")]
    [InlineData(403, "BG1596")]
    [InlineData(404, "BG1596")]
    [InlineData(302, "BG1596")]
    public async Task A_server_that_answers_with_an_error_keeps_the_entries_here_and_its_words_are_shown(int status, string code)
    {
        await using var server = await TestServer.StartAsync();
        server.Misbehave = c => TestServer.SayAsync(c, status, """{"type":"about:blank","title":"x","status":1,"detail":"The disk is full.","code":"BG2150"}""");
        Record(3);
        var report = await SendAsync(server);
        report.IsInterrupted.Should().BeTrue();
        report.Findings.Should().ContainSingle().Which.Code.Should().Be(code);
        report.Findings[0].Message("en").Should().Contain($"{status} (BG2150: The disk is full)");
        spool.PendingCount.Should().Be(3);
    }

    [Fact]
    public async Task An_error_page_that_is_not_ours_is_an_error_all_the_same()
    {
        await using var server = await TestServer.StartAsync();
        server.Misbehave = c => TestServer.SayAsync(c, 500, "<html>oops</html>");
        Record(1);
        (await SendAsync(server)).Findings.Single().Message("en").Should().Contain("failed with 500.");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"entries":null}""")]
    [InlineData("""{"entries":[null]}""")]
    [InlineData("""{"entries":[]}""")]
    [InlineData("""{"entries":[{"counter":1,"outcome":"refused","sequence":null,"code":null,"message":null,"outcome":"accepted","sequence":1}]}""")]
    [InlineData("""{"entries":[{"counter":99,"outcome":"accepted","sequence":1,"code":null,"message":null}]}""")]
    [InlineData("""{"entries":[{"counter":1,"outcome":"accepted","sequence":1,"code":null,"message":null},{"counter":99,"outcome":"accepted","sequence":1,"code":null,"message":null}]}""")]
    [InlineData("""{"entries":[{"counter":1,"outcome":"accepted","sequence":1,"code":null,"message":null},{"counter":1,"outcome":"accepted","sequence":1,"code":null,"message":null}]}""")]
    [InlineData("""{"entries":[{"counter":1,"outcome":"accepted","sequence":null,"code":null,"message":null}]}""")]
    [InlineData("""{"entries":[{"counter":1,"outcome":"accepted","sequence":-1,"code":null,"message":null}]}""")]
    [InlineData("""{"entries":[{"counter":1,"outcome":"stored","sequence":1,"code":null,"message":null}]}""")]
    public async Task A_receipt_that_cannot_be_true_is_not_followed_in_any_part(string receipt)
    {
        await using var server = await TestServer.StartAsync();
        server.Misbehave = c => TestServer.SayAsync(c, 200, receipt);
        Record(2);
        var report = await SendAsync(server);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1595");
        report.Delivered.Should().Be(0);
        spool.PendingCounters().Should().Equal(1, 2);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_off()
    {
        await using var server = await TestServer.StartAsync();
        server.Misbehave = async c =>
        {
            var piece = new byte[64 * 1024];
            while (!c.RequestAborted.IsCancellationRequested) await c.Response.Body.WriteAsync(piece, c.RequestAborted);
            return true;
        };
        Record(1);
        (await SendAsync(server)).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1595");
        spool.PendingCount.Should().Be(1);
    }

    [Theory]
    [InlineData("before reading")]
    [InlineData("before the answer")]
    [InlineData("in the answer")]
    [InlineData("after storing")]
    public async Task A_connection_cut_anywhere_loses_and_duplicates_nothing(string where)
    {
        await using var server = await TestServer.StartAsync();
        var isCut = false;
        server.Misbehave = async c =>
        {
            if (isCut) return false;
            isCut = true;
            if (where == "before the answer") await c.Request.Body.CopyToAsync(Stream.Null);
            if (where == "after storing") await StoreOnlyAsync(server, c);
            if (where == "in the answer")
            {
                c.Response.ContentLength = 1000;
                await c.Response.WriteAsync("""{"entries":[{"counter":1,""");
                await c.Response.Body.FlushAsync();
            }
            c.Abort();
            return true;
        };
        Record(3);
        var first = await SendAsync(server);
        first.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1590");
        spool.PendingCount.Should().Be(3);
        (await SendAsync(server)).Should().BeEquivalentTo(new { Delivered = 3, IsInterrupted = false }, "the server knows repeated bytes as duplicates");
        server.Log.Keys.Order().Should().Equal(1, 2, 3);
    }

    private static async Task StoreOnlyAsync(TestServer server, HttpContext context)
    {
        var answer = context.Response.Body;
        context.Response.Body = new MemoryStream();
        await server.AnswerWellAsync(context);
        context.Response.Body = answer;
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_after_the_deadline()
    {
        await using var server = await TestServer.StartAsync();
        var asked = new TaskCompletionSource();
        server.Misbehave = async c =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
            return true;
        };
        Record(1);
        var sending = SendAsync(server);
        await asked.Task;
        clock.Advance(ServerChannel.Deadline - TimeSpan.FromSeconds(1));
        sending.IsCompleted.Should().BeFalse("there is a second left");
        clock.Advance(TimeSpan.FromSeconds(1));
        (await sending).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1594");
        spool.PendingCount.Should().Be(1);
    }

    [Fact]
    public async Task A_server_that_is_not_there_keeps_the_entries_here()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Record(1);
        using var channel = ChannelTo(new Uri($"http://127.0.0.1:{port}"), pin: null);
        var report = await LinkOver(channel).SendPendingAsync(CancellationToken.None);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1590");
        spool.PendingCount.Should().Be(1);
    }

    [Fact]
    public async Task The_pinned_server_is_trusted_and_sees_a_certificate_around_the_agents_own_key()
    {
        await using var server = await TestServer.StartAsync(isHttps: true);
        Record(2);
        (await SendAsync(server, server.Pin)).Delivered.Should().Be(2);
        server.Requests.Single().ClientKey.Should().Equal(identity.Key.PublicKey.Spki.ToArray());
    }

    [Fact]
    public async Task A_server_with_another_key_gets_nothing_and_both_keys_are_named()
    {
        await using var server = await TestServer.StartAsync(isHttps: true);
        await using var enrolledAt = await TestServer.StartAsync(isHttps: true);
        Record(1);
        var report = await SendAsync(server, enrolledAt.Pin);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1591");
        report.Findings[0].Message("fr").Should().Contain(server.Pin).And.Contain(enrolledAt.Pin);
        server.Requests.Should().BeEmpty();
        spool.PendingCount.Should().Be(1);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_without_a_pin()
    {
        await using var server = await TestServer.StartAsync(isHttps: true);
        Record(1);
        var report = await SendAsync(server);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1592");
        report.Findings[0].Remedy("en").Should().Contain(server.Pin);
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_refused_entry_is_kept_and_reported_holds_back_no_other_and_is_offered_again_after_an_hour()
    {
        await using var server = await TestServer.StartAsync();
        server.Refuses = counter => counter == 2;
        Record(3);
        using var channel = ChannelTo(server.Address, pin: null);
        var link = LinkOver(channel);
        var report = await link.SendPendingAsync(CancellationToken.None);
        report.Should().BeEquivalentTo(new { Delivered = 2, IsInterrupted = false });
        report.Findings.Single().Message("en").Should().Be("The server refused entry 2: BG2001 It cannot be read.");
        spool.PendingCounters().Should().Equal(2L);

        (await link.SendPendingAsync(CancellationToken.None)).Findings.Should().BeEmpty("it was offered a moment ago");
        server.Requests.Should().HaveCount(1);
        server.Refuses = _ => false;
        clock.Advance(EvidenceLink.RefusedAgainAfter);
        (await link.SendPendingAsync(CancellationToken.None)).Delivered.Should().Be(1);
        spool.PendingCount.Should().Be(0);
    }

    [Fact]
    public async Task An_entry_that_the_receipt_passes_over_is_kept_and_sent_again()
    {
        await using var server = await TestServer.StartAsync();
        server.Misbehave = async c => server.Requests.IsEmpty && await SayOnceAsync(c);
        Record(2);
        (await SendAsync(server)).Delivered.Should().Be(2);
        server.Log.Keys.Should().Equal(2L);

        async Task<bool> SayOnceAsync(HttpContext context)
        {
            server.Requests.Enqueue(("partial", 2, 0, null));
            return await TestServer.SayAsync(context, 200, """{"entries":[{"counter":1,"outcome":"accepted","sequence":0,"code":null,"message":null}]}""");
        }
    }

    [Fact]
    public async Task The_loop_waits_longer_after_each_failure_and_wakes_for_a_new_entry()
    {
        await using var server = await TestServer.StartAsync();
        var isBroken = true;
        server.Misbehave = async c => isBroken && await TestServer.SayAsync(c, 500, "");
        var reports = Channel.CreateUnbounded<SendReport>();
        var delays = Channel.CreateUnbounded<TimeSpan>();
        clock.TimerMade = wait => { if (wait != ServerChannel.Deadline) delays.Writer.TryWrite(wait); };
        using var stop = new CancellationTokenSource();
        using var channel = ChannelTo(server.Address, pin: null);
        Record(1);
        var running = LinkOver(channel).RunAsync(r => reports.Writer.TryWrite(r), stop.Token);

        for (var attempt = 0; attempt < 12; attempt++)
        {
            (await reports.Reader.ReadAsync()).IsInterrupted.Should().BeTrue();
            var wait = await delays.Reader.ReadAsync();
            var full = Math.Min(300, Math.Pow(2, attempt));
            wait.TotalSeconds.Should().BeInRange(full / 2, full);
            if (attempt == 11) isBroken = false;
            clock.Advance(wait);
        }
        (await reports.Reader.ReadAsync()).Delivered.Should().Be(1);
        (await delays.Reader.ReadAsync()).Should().Be(EvidenceLink.RefusedAgainAfter);
        Record(1);
        (await reports.Reader.ReadAsync()).Delivered.Should().Be(1, "a new entry wakes the loop");
        await stop.CancelAsync();
        await running;
        spool.PendingCount.Should().Be(0);
    }

    [Fact]
    public async Task Stopping_in_the_middle_of_a_request_loses_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var asked = new TaskCompletionSource();
        server.Misbehave = async c =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
            return true;
        };
        Record(1);
        using var stop = new CancellationTokenSource();
        using var channel = ChannelTo(server.Address, pin: null);
        var running = LinkOver(channel).RunAsync(_ => { }, stop.Token);
        await asked.Task;
        await stop.CancelAsync();
        await running;
        spool.PendingCount.Should().Be(1);
    }
}
