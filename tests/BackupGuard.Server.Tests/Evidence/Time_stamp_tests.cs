using System.Net;
using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.Tiles;
using BackupGuard.Server.Features.Evidence.Packs;
using BackupGuard.Server.Features.Evidence.TimeStamps;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>The server and openssl's time-stamp authority, and the verifier that an auditor has.</summary>
public abstract class Time_stamp_tests(Engine engine) : IAsyncLifetime
{
    public sealed class OnSqlite() : Time_stamp_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Time_stamp_tests(Engine.Postgres);

    private LoopbackTsa tsa = null!;        // set by InitializeAsync before every test
    private TestServer server = null!;      // likewise

    private TimeStampRounds Rounds => server.Services.GetRequiredService<TimeStampRounds>();

    private TimeStampStanding Standing => Rounds.Standing().Single();

    public async Task InitializeAsync()
    {
        tsa = await LoopbackTsa.StartAsync();
        server = TestServer.Prepare(engine);
        // The authority has this machine's clock.
        server.Clock.Advance(DateTimeOffset.UtcNow - server.Clock.GetUtcNow());
        await server.StartAgainAsync();
        await server.AddPersonAsync("claire", "trois chevaux bleus", "lecteur");
        server.Policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {server.Services.GetRequiredService<ServerIdentity>().LogKey}\n{tsa.Line("heure")}quorum heure\n"));
        await server.StopAsync();
        await server.StartAgainAsync();
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await tsa.DisposeAsync();
    }

    private Task<AppendResult> AppendAsync() => server.Log.AppendServerEntriesAsync([new NewEntry("test.note", "", "{}"u8.ToArray())], null);

    private VerificationReport Judge(byte[] pack) => PackVerifier.Verify(() => PackArchive.Open(pack), server.Policy!);

    private async Task<HttpClient> ReaderAsync()
    {
        var browser = server.Browser();
        (await browser.SignInAsync("claire", "trois chevaux bleus")).StatusCode.Should().Be(HttpStatusCode.Redirect);
        return browser;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 100 && !await holds(); i++) await Task.Delay(100);
        (await holds()).Should().BeTrue();
    }

    [Fact]
    public async Task A_pack_carries_the_time_stamp_that_the_policy_demands_and_asking_for_it_has_the_rest_stamped()
    {
        await AppendAsync();
        using var browser = await ReaderAsync();
        (await Rounds.RoundAsync(atOnce: false, default)).Should().BeTrue();
        var pack = await browser.GetByteArrayAsync("/preuves/dossier?du=2020-01-01");
        var report = Judge(pack);
        report.Verdict.Should().Be(EvidenceVerdict.Sound);
        report.Proven[^1].Should().Match<BackupGuard.Evidence.TimeStamps.ProvenTime>(p => p.Authority == "heure" && p.At != null);

        await AppendAsync();
        Judge(await browser.GetByteArrayAsync("/preuves/dossier?du=2020-01-01")).Verdict.Should().Be(EvidenceVerdict.PolicyNotMet, "the newest entry has no time stamp yet");
        // Not twice in a minute.
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        await EventuallyAsync(async () => Judge(await browser.GetByteArrayAsync("/preuves/dossier?du=2020-01-01")).Verdict == EvidenceVerdict.Sound);
    }

    [Fact]
    public async Task An_authority_is_asked_once_a_day_and_only_when_the_log_grew()
    {
        await AppendAsync();
        (await Rounds.RoundAsync(false, default)).Should().BeTrue();
        var (asked, size) = (tsa.Asked, Standing.Size);
        size.Should().NotBeNull();
        server.Clock.Advance(TimeSpan.FromDays(2));
        await Rounds.RoundAsync(false, default);
        tsa.Asked.Should().Be(asked, "what it stamped covers all there is");
        Standing.Problem.Should().BeNull();

        server.Clock.Advance(TimeSpan.FromDays(-2));
        await AppendAsync();
        await Rounds.RoundAsync(false, default);
        tsa.Asked.Should().Be(asked, "its day is not over");
        Standing.Should().Match<TimeStampStanding>(s => s.Size == size && s.Problem == null);

        server.Clock.Advance(TimeSpan.FromDays(1.1));
        Standing.Problem!.Code.Should().Be("BG2055", "nobody asked since, whatever the reason");
        await Rounds.RoundAsync(false, default);
        tsa.Asked.Should().Be(asked + 1);
        Standing.Problem!.Code.Should().Be("BG2056", "its clock is the machine's, and the server's was moved");
    }

    [Fact]
    public async Task Whatever_an_authority_answers_wrongly_is_said_and_kept_nowhere()
    {
        await AppendAsync();
        await Rounds.RoundAsync(false, default);
        var stamped = Standing.Size;
        await AppendAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        using var browser = await ReaderAsync();
        foreach (var (mood, reason) in new[]
        {
            (LoopbackTsa.Mood.Unavailable, "answers 503"), (LoopbackTsa.Mood.Elsewhere, "answers 307"), (LoopbackTsa.Mood.Endless, "maximum buffer size"), (LoopbackTsa.Mood.Refusing, "refuses, with the status 2"),
            (LoopbackTsa.Mood.Replaying, "given for something else"), (LoopbackTsa.Mood.Silent, "not an answer of RFC 3161"),
        })
        {
            tsa.Now = mood;
            (await Rounds.RoundAsync(atOnce: true, default)).Should().BeFalse($"{mood}");
            Standing.Should().Match<TimeStampStanding>(s => s.Size == stamped && s.Problem!.Code == "BG2055", $"{mood}");
            Standing.Problem!.Message("en").Should().Contain(reason);
        }
        WebUtility.HtmlDecode(await browser.GetStringAsync(Urls.EvidenceList)).Should().Contain("BG2055").And.Contain("Horodatage heure");
        await AppendAsync();
        tsa.Now = LoopbackTsa.Mood.Honest;
        (await Rounds.RoundAsync(atOnce: true, default)).Should().BeTrue();
        Standing.Should().Match<TimeStampStanding>(s => s.Size > stamped && s.Problem == null);
        server.Fsck().Findings.Should().BeEmpty();
    }

    [Fact]
    public async Task A_time_far_from_our_own_is_a_finding_and_not_a_time_stamp()
    {
        await AppendAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        (await Rounds.RoundAsync(false, default)).Should().BeFalse();
        Standing.Should().Match<TimeStampStanding>(s => s.Size == null && s.Problem!.Code == "BG2056");
        server.Clock.Advance(TimeSpan.FromMinutes(-6));
        (await Rounds.RoundAsync(false, default)).Should().BeTrue();
    }

    [Fact]
    public async Task An_authority_that_is_gone_stops_neither_start_nor_pack()
    {
        await tsa.DisposeAsync();
        await AppendAsync();
        await server.StopAsync();
        await server.StartAgainAsync();
        (await Rounds.RoundAsync(false, default)).Should().BeFalse();
        using var browser = await ReaderAsync();
        Judge(await browser.GetByteArrayAsync("/preuves/dossier?du=2020-01-01")).Verdict.Should().Be(EvidenceVerdict.PolicyNotMet);
        tsa = await LoopbackTsa.StartAsync();
    }

    [Fact]
    public async Task A_change_in_any_column_of_a_time_stamp_is_found_and_a_damaged_one_does_not_leave_the_house()
    {
        await AppendAsync();
        await Rounds.RoundAsync(false, default);
        await AppendAsync();
        using var browser = await ReaderAsync();
        await server.Services.GetRequiredService<TimeStampWorker>().StopAsync(default);
        server.Fsck().Findings.Should().BeEmpty("nothing was changed yet");
        using var database = DatabaseEngine.Of(server.Data);
        using var connection = database.Open();
        foreach (var column in new[] { "request", "token" })
        {
            var good = (byte[])connection.Scalar($"SELECT {column} FROM time_stamps")!;
            byte[] bad = [.. good[..^8], (byte)(good[^8] ^ 1), .. good[^7..]];
            connection.Execute($"UPDATE time_stamps SET {column} = @bad", ("@bad", bad));
            server.Fsck().Findings.Should().ContainSingle(column).Which.Code.Should().Be("BG2188");
            (await browser.GetAsync("/preuves/dossier?du=2020-01-01")).StatusCode.Should().Be(HttpStatusCode.Conflict, column);
            connection.Execute($"UPDATE time_stamps SET {column} = @good", ("@good", good));
        }
        foreach (var (change, undo) in new[] { ("at = at + 1000", "at = at - 1000"), ("size = size + 1", "size = size - 1"), ("size = size + 99", "size = size - 99") })
        {
            connection.Execute($"UPDATE time_stamps SET {change}");
            server.Fsck().Findings.Should().ContainSingle(change).Which.Code.Should().Be("BG2188");
            connection.Execute($"UPDATE time_stamps SET {undo}");
        }
        server.Fsck().Findings.Should().BeEmpty("every change was undone");
        using var identity = ServerIdentity.Load(server.Data);
        Fsck.Run(database, identity, server.Clock.GetUtcNow(), policy: server.Policy).Findings.Should().BeEmpty("it is by the authority of the policy");
        var others = TrustPolicy.Parse(Encoding.UTF8.GetBytes($"log {identity.LogKey}\nquorum none\n"));
        Fsck.Run(database, identity, server.Clock.GetUtcNow(), policy: others).Findings.Should().ContainSingle().Which.Should().Match<FsckFinding>(f => f.Code == "BG2054" && !f.IsError);
    }

    [Fact]
    public async Task The_log_as_static_files_has_its_time_stamps_beside_it()
    {
        var folder = Directory.CreateTempSubdirectory("backupguard-tiles-").FullName;
        try
        {
            await AppendAsync();
            await Rounds.RoundAsync(false, default);
            await server.Services.GetRequiredService<TileExport>().RunAsync(folder, default);
            var files = new Files(folder);
            files.Names.Should().Contain(n => n.StartsWith(PackNames.TimeStamps, StringComparison.Ordinal) && n.EndsWith(".heure.tst", StringComparison.Ordinal));
            TileVerifier.Verify(files, server.Policy!, server.Clock.GetUtcNow()).Verdict.Should().Be(EvidenceVerdict.Sound, "its quorum is the time stamp");

            await AppendAsync();
            await server.Services.GetRequiredService<TileExport>().RunAsync(folder, default);
            var grown = TileVerifier.Verify(new Files(folder), server.Policy!, server.Clock.GetUtcNow());
            grown.Verdict.Should().Be(EvidenceVerdict.PolicyNotMet);
            grown.Proven.Select(p => p.At is not null).Should().Equal(true, false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Files(string folder) : IEvidenceFiles
    {
        public IReadOnlyCollection<string> Names { get; } = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))];

        public ReadOnlyMemory<byte> Read(string name) => File.ReadAllBytes(Path.Combine(folder, name));
    }
}
