using System.Net;
using System.Net.Http.Json;
using BackupGuard.Contracts;
using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Fleet;

public abstract class Enrolment_tests(Engine engine)
{
    public sealed class OnSqlite() : Enrolment_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Enrolment_tests(Engine.Postgres);

    [Fact]
    public async Task A_token_enrols_one_agent_and_no_second_one()
    {
        await using var server = await TestServer.StartAsync(engine);
        using var client = server.Browser();
        using var first = new TestAgent("agent-1");
        using var second = new TestAgent("agent-2");
        var token = await server.TokenAsync();

        (await CodeAsync(await first.AskToEnrolAsync(client, token))).Should().BeNull();
        (await CodeAsync(await second.AskToEnrolAsync(client, token))).Should().Be("BG2110");
        server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task An_agent_that_did_not_get_the_answer_may_ask_again()
    {
        await using var server = await TestServer.StartAsync(engine);
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        var token = await server.TokenAsync();
        await CodeAsync(await agent.AskToEnrolAsync(client, token));

        (await CodeAsync(await agent.AskToEnrolAsync(client, token))).Should().BeNull();
        server.Fsck().Entries.Should().Be(1, "the key is registered once");
    }

    [Fact]
    public async Task A_token_older_than_fifteen_minutes_is_refused()
    {
        await using var server = await TestServer.StartAsync(engine);
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        var token = await server.TokenAsync();
        server.Clock.Advance(AgentVerbs.TokenValidFor);

        (await CodeAsync(await agent.AskToEnrolAsync(client, token))).Should().Be("BG2110");
    }

    [Fact]
    public async Task A_name_in_use_is_refused_to_another_key_and_the_token_stays_good()
    {
        await using var server = await TestServer.StartAsync(engine);
        using var client = server.Browser();
        using var first = new TestAgent("agent-1");
        using var impostor = new TestAgent("agent-1");
        using var other = new TestAgent("agent-2");
        await first.EnrolAsync(server, client);
        var token = await server.TokenAsync();

        (await CodeAsync(await impostor.AskToEnrolAsync(client, token))).Should().Be("BG2112");
        (await CodeAsync(await other.AskToEnrolAsync(client, token))).Should().BeNull();
    }

    [Theory]
    [InlineData("Agent 1", null, "BG2111")]
    [InlineData("../etc", null, "BG2111")]
    [InlineData("agent-1", "AAAA", "BG2113")]
    [InlineData("agent-1", "%%%", "BG2113")]
    public async Task A_bad_name_or_key_is_a_bad_request(string name, string? key, string code)
    {
        await using var server = await TestServer.StartAsync(engine);
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        var request = new EnrolRequest(await server.TokenAsync(), name, key ?? Convert.ToBase64String(agent.Key.PublicKey.Spki.Span), "1.0.0");

        (await CodeAsync(await client.PostAsJsonAsync("/api/v1/agents/enrol", request, WireJson.Default.EnrolRequest))).Should().Be(code);
    }

    [Fact]
    public async Task Over_https_the_certificate_must_carry_the_enrolled_key()
    {
        await using var server = await TestServer.StartAsync(engine, tls: true);
        using var agent = new TestAgent("agent-1");
        using var other = new TestAgent("agent-2");
        using var own = agent.TlsClient(server.Url);
        using var foreign = other.TlsClient(server.Url);
        using var bare = TestAgent.TlsClient(server.Url, null);
        (await CodeAsync(await agent.AskToEnrolAsync(foreign, await server.TokenAsync()))).Should().Be("BG2117");
        await agent.EnrolAsync(server, own);
        var entry = agent.Next();

        (await CodeAsync(await agent.PostAsync(foreign, entry))).Should().Be("BG2117");
        (await CodeAsync(await agent.PostAsync(bare, entry))).Should().Be("BG2117");
        (await agent.SendAsync(own, entry)).Single().Outcome.Should().Be("accepted");
    }

    [Fact]
    public async Task The_printed_pin_is_that_of_the_served_certificate_and_stays_over_a_restart()
    {
        await using var server = await TestServer.StartAsync(engine, tls: true);
        string? seen = null;
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => (seen = TlsCertificate.Pin(certificate!)) is not null }; // a TLS server has one
        using var client = new HttpClient(handler) { BaseAddress = server.Url };
        await client.GetStringAsync("/healthz");
        var first = seen;

        server.Output.Should().Contain($"backupguard-server certificate pin {first}");
        await server.StopAsync();
        await server.StartAgainAsync();
        server.Output.Should().Contain($"backupguard-server certificate pin {first}");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(server.Data["tls.pem"]).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(server.Data["server-key.pem"]).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            return answer.StatusCode == HttpStatusCode.OK ? null : (await answer.Content.ReadFromJsonAsync(WireJson.Default.Problem))?.Code;
        }
    }
}
