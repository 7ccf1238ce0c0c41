using System.Net;
using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Features.Evidence.Witnesses;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>The server's side of cosigning, with a witness that follows the rules of BackupGuard.Evidence behind the HTTP client.</summary>
public abstract class Witness_tests(Engine engine) : IDisposable
{
    public sealed class OnSqlite() : Witness_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Witness_tests(Engine.Postgres);

    private readonly EvidenceKey key = EvidenceKey.Generate();
    private readonly FakeWitness witness = new();

    public void Dispose()
    {
        key.Dispose();
        GC.SuppressFinalize(this);
    }

    private CosignatureKey Name => new("temoin.example", key.PublicKey);

    private async Task<TestServer> StartAsync()
    {
        var server = TestServer.Prepare(engine);
        server.Replace = services => services.AddHttpClient(WitnessRounds.ClientName).ConfigurePrimaryHttpMessageHandler(() => new Handler(witness));
        await server.StartAgainAsync();
        // The log's key is known only after the first start.
        var log = server.Services.GetRequiredService<ServerIdentity>().LogKey;
        witness.Serve([log], Name, key, server.Clock);
        server.Policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {log}\nwitness voisin {Name} http://voisin.example/\nquorum voisin\n"));
        await AppendAsync(server);
        await server.StopAsync();
        await server.StartAgainAsync();
        return server;
    }

    private static Task<AppendResult> AppendAsync(TestServer server) => server.Log.AppendServerEntriesAsync([new NewEntry("test.note", "", "{}"u8.ToArray())], null);

    private static Task<bool> RoundAsync(TestServer server) => server.Services.GetRequiredService<WitnessRounds>().RoundAsync(default);

    private static string Head(TestServer server) => server.Services.GetRequiredService<EvidenceQueries>().Head()!.Note;

    [Fact]
    public async Task Each_checkpoint_is_shown_to_the_witness_and_its_line_is_kept_below_it()
    {
        await using var server = await StartAsync();
        Cosignature.Verify(SignedNote.Parse(Encoding.UTF8.GetBytes(Head(server))), Name).Should().NotBeNull("it was asked at the start");
        for (var i = 0; i < 5; i++)
        {
            await AppendAsync(server);
            (await RoundAsync(server)).Should().BeTrue();
        }
        var asked = witness.Asked;
        (await RoundAsync(server)).Should().BeTrue();
        witness.Asked.Should().Be(asked, "what is cosigned is not asked for again");
        server.Services.GetRequiredService<Cosignatures>().Standing().Single().Should().Match<WitnessStanding>(s => s.Name == "voisin" && s.Size > 5 && !s.IsLate(server.Clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_server_that_forgot_what_the_witness_has_seen_is_told()
    {
        await using var server = await StartAsync();
        await server.StopAsync();
        await server.StartAgainAsync();
        await AppendAsync(server);
        (await RoundAsync(server)).Should().BeTrue("409 names the size, and the proof from there is sent");
        Cosignature.Verify(SignedNote.Parse(Encoding.UTF8.GetBytes(Head(server))), Name).Should().NotBeNull();
    }

    [Fact]
    public async Task A_witness_that_points_elsewhere_is_not_followed()
    {
        await using var server = await TestServer.StartAsync(engine);
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"http://{listener.LocalEndpoint}/");
        var answering = Task.Run(async () =>
        {
            using var connection = await listener.AcceptTcpClientAsync();
            var buffer = new byte[4096];
            _ = await connection.GetStream().ReadAsync(buffer);
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 307 Temporary Redirect\r\nLocation: {url}elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        });
        using var answer = await server.Services.GetRequiredService<IHttpClientFactory>().CreateClient(WitnessRounds.ClientName).GetAsync(url);
        await answering;
        answer.StatusCode.Should().Be(HttpStatusCode.TemporaryRedirect);
        listener.Pending().Should().BeFalse();
    }

    [Fact]
    public async Task A_log_that_was_set_back_is_not_gone_on_with()
    {
        await using var server = await StartAsync();
        witness.Pretend(1_000_000);
        await server.StopAsync();
        (await FluentActions.Awaiting(() => server.StartAgainAsync()).Should().ThrowAsync<UsageException>()).WithMessage("*does not recognise these*");
    }

    [Fact]
    public async Task A_witness_that_does_not_answer_stops_nothing()
    {
        await using var server = await StartAsync();
        witness.Fails = true;
        await AppendAsync(server);
        (await RoundAsync(server)).Should().BeFalse();
        await server.StopAsync();
        await server.StartAgainAsync();
        server.Services.GetRequiredService<Cosignatures>().Standing().Single().Size.Should().NotBeNull("what it vouched for before is still there");
    }

    [Fact]
    public async Task A_line_that_does_not_match_is_not_kept()
    {
        await using var server = await StartAsync();
        witness.Lies = true;
        await AppendAsync(server);
        (await RoundAsync(server)).Should().BeFalse();
        SignedNote.Parse(Encoding.UTF8.GetBytes(Head(server))).Signatures.Should().ContainSingle();
    }

    [Fact]
    public async Task A_second_version_of_the_log_is_not_gone_on_with()
    {
        await using var server = await StartAsync();
        witness.PretendAnotherRoot();
        await server.StopAsync();
        (await FluentActions.Awaiting(() => server.StartAgainAsync()).Should().ThrowAsync<UsageException>()).WithMessage("*does not recognise these*");
        witness.Fails = true;
        await server.StartAgainAsync();
    }

    // The client factory disposes of handlers; what is behind this one is used again.
    private sealed class Handler(FakeWitness behind) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => behind.AnswerAsync(request, cancellationToken);
    }

    private sealed class FakeWitness
    {
        private readonly Dictionary<string, WitnessedTree> _seen = new(StringComparer.Ordinal);
        private IReadOnlyList<NoteKey> _logs = [];
        private CosignatureKey? _name;
        private EvidenceKey? _key;
        private TimeProvider _clock = TimeProvider.System;

        public int Asked { get; private set; }
        public bool Fails { get; set; }
        public bool Lies { get; set; }

        public void Serve(IReadOnlyList<NoteKey> logs, CosignatureKey name, EvidenceKey key, TimeProvider clock) => (_logs, _name, _key, _clock) = (logs, name, key, clock);

        public void Pretend(long size)
        {
            foreach (var origin in _seen.Keys.ToList()) _seen[origin] = _seen[origin] with { Size = size };
        }

        public void PretendAnotherRoot()
        {
            foreach (var origin in _seen.Keys.ToList()) _seen[origin] = _seen[origin] with { Root = MerkleTree.EmptyRoot };
        }

        public async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            if (Fails) throw new HttpRequestException("no route to host");
            request.RequestUri!.AbsolutePath.Should().Be("/add-checkpoint");
            var last = 0L;
            var (answer, checkpoint, note) = WitnessRules.Judge(await request.Content!.ReadAsByteArrayAsync(cancellationToken), _logs, origin =>
            {
                last = _seen.GetValueOrDefault(origin)?.Size ?? 0;
                return _seen.GetValueOrDefault(origin);
            });
            if (answer == WitnessAnswer.Conflict) return new HttpResponseMessage(HttpStatusCode.Conflict) { Content = new StringContent($"{last}\n") };
            if (answer != WitnessAnswer.Accepted) return new HttpResponseMessage(HttpStatusCode.UnprocessableEntity);
            _seen[checkpoint!.Origin] = new WitnessedTree(checkpoint.Size, checkpoint.Root);
            using var other = EvidenceKey.Generate();
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Cosignature.Sign(note!, _name!, Lies ? other : _key!, _clock.GetUtcNow())) };
        }
    }
}
