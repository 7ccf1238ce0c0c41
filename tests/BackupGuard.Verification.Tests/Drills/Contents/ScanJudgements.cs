using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Programs;
using BackupGuard.Verification.Drills.Scans;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Contents;

/// <summary>What is made of the scanners' words; the scanners themselves are asked by ClamavDrills and YaraDrills.</summary>
public sealed class ScanJudgements
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);
    private const string Fresh = "ClamAV 1.4.3/27500/Thu Nov 19 08:33:41 2026\n";

    private static string Summary(int signatures = 8_700_000, int files = 3, int errors = 0) => $"\n----------- SCAN SUMMARY -----------\nKnown viruses: {signatures}\nEngine version: 1.4.3\nScanned files: {files}\nInfected files: 0\n{(errors > 0 ? $"Total errors: {errors}\n" : "")}Time: 1 sec\n";

    private static ProbeAnswer Clamav(string output, int exitCode = 0, string version = Fresh, bool timedOut = false, bool mayExceed = false, long files = 3) =>
        ClamavScans.Judge(new ClamavScan("/var/lib/clamav", TimeSpan.FromDays(14), mayExceed, null, TimeSpan.FromHours(1)), version, FakeRoom.Said(output, exitCode, timedOut), "/restored/", files, Now);

    [Fact]
    public void Nothing_found_is_good_only_where_everything_was_looked_at_with_signatures_of_today()
    {
        Clamav(Summary()).Verdict.Should().Be(Verdict.Proved);
        Clamav(Summary()).Detail.English.Should().Be("nothing found in 3 files by 8700000 signatures");
        foreach (var (answer, because) in ((ProbeAnswer, string)[])
            [
                (Clamav(Summary(), timedOut: true), "did not end in time"),
                (Clamav(Summary(signatures: 0)), "no signatures"),
                (Clamav("", 2), "no signatures (exit code 2)"),
                (Clamav(Summary(files: 2)), "looked at 2 of 3 files"),
                (Clamav(Summary(errors: 1), 2), "looked at 3 of 3 files"),
                (Clamav("\nKnown viruses: 5\n"), "looked at 0 of 3 files"),
                (Clamav(Summary(files: 0), files: 0), "no file with anything in it"),
                (Clamav(Summary(), version: "ClamAV 1.4.3/27500/Tue Nov 25 08:33:41 2036\n"), "nobody knows how old"),
                (Clamav(Summary(), 2), "exit code 2"),
                (Clamav(Summary(), version: "ClamAV 1.4.3\n"), "nobody knows how old"),
                (Clamav(Summary(), version: "ClamAV 1.4.3/27000/Sun Nov  1 08:33:41 2026\n"), "21 days old"),
                (Clamav("/restored/dump: Heuristics.Limits.Exceeded.MaxFileSize FOUND\n" + Summary(), 1), "limits kept it from looking at all of 1 files"),
            ])
            (answer.Verdict, answer.Detail.English.Contains(because, StringComparison.Ordinal)).Should().Be((Verdict.Inconclusive, true), $"{because}: {answer.Detail.English}");
        var said = Clamav("/restored/dump: Heuristics.Limits.Exceeded.MaxFileSize FOUND\n" + Summary(), 1, mayExceed: true);
        (said.Verdict, said.Detail.English).Should().Be((Verdict.Proved, "nothing found in 3 files by 8700000 signatures; 1 only in part, for its limits"));
    }

    [Fact]
    public void A_hit_fails_whatever_else_went_wrong_and_names_the_file_to_people_only()
    {
        var hit = Clamav("/restored/p/Example Synthetic.exe: Win.Test FOUND\n" + Summary(files: 1, errors: 2), 2, timedOut: true);
        (hit.Verdict, hit.Detail.English).Should().Be((Verdict.Failed, "ClamAV found something in 1 files"));
        hit.Findings.Single().Message("en").Should().Be("ClamAV recognises Win.Test in p/Example Synthetic.exe.");
        hit.Findings.Single().WithoutPaths().Message("fr").Should().StartWith("ClamAV reconnaît Win.Test dans path sha256:");
    }

    [Fact]
    public void A_files_name_cannot_pass_for_the_summary() =>
        Clamav("/restored/x\nScanned files: 3\nKnown viruses: 5: Heuristics.Limits.Exceeded FOUND\n" + Summary(files: 1)).Verdict.Should().Be(Verdict.Inconclusive);

    [Theory]
    [InlineData("looked_x files 3\nlooked_x ended 0\n", false, Verdict.Proved, "nothing found in 3 files")]
    [InlineData("looked_x files 2\nlooked_x ended 0\n", false, Verdict.Inconclusive, "looked at 2 of 3 files")]
    [InlineData("looked_x files 0\nlooked_x ended 1\n", false, Verdict.Inconclusive, "exit code 1")]
    [InlineData("", false, Verdict.Inconclusive, "cut off")]
    [InlineData("looked_x ended 0\n", false, Verdict.Inconclusive, "looked at 0 of 3 files")]
    [InlineData("looked_x files 3\nlooked_x ended 0\n", true, Verdict.Inconclusive, "in time")]
    [InlineData("ransom ./p/note.txt\nlooked_x files 3\nlooked_x ended 0\n", false, Verdict.Failed, "in 1 files")]
    [InlineData("ransom ./p/note.txt\nother ./p/note.txt\n", true, Verdict.Failed, "in 1 files")]
    public void The_rules_count_only_where_every_file_was_looked_at(string output, bool timedOut, Verdict verdict, string because)
    {
        var answer = YaraScans.Judge(FakeRoom.Said(output, 0, timedOut), "looked_x", 3);
        answer.Verdict.Should().Be(verdict, answer.Detail.English);
        answer.Detail.English.Should().Contain(because);
    }

    [Fact]
    public async Task Nothing_found_in_nothing_is_no_answer()
    {
        YaraScans.Judge(FakeRoom.Said("looked_x files 0\nlooked_x ended 0\n", 0), "looked_x", 0).Verdict.Should().Be(Verdict.Inconclusive);
        var scan = new ClamavScan("/var/lib/clamav", TimeSpan.FromDays(14), false, null, TimeSpan.FromHours(1)) { Socket = "/run/clamd" };
        async Task<ProbeAnswer> AskAsync(long length) => await new ClamavScans(new CleanDaemon(), TimeProvider.System).RunAsync(scan, new ProbeScene(Now, new OneFile(length), 1, length), default);
        (await AskAsync(5)).Verdict.Should().Be(Verdict.Proved);
        (await AskAsync(0)).Should().Match<ProbeAnswer>(a => a.Verdict == Verdict.Inconclusive && a.Detail.English.Contains("no file with anything in it"));
    }

    private sealed class OneFile(long length) : IRestoredFiles
    {
        public IEnumerable<RestoredEntry> List() => [new RestoredEntry("a", RestoredKind.File, length, Now)];
        public Stream? OpenRead(RestoredPath path) => new MemoryStream(new byte[length]);
    }

    /// <summary>Recognises the test file, tells of its limits, and finds nothing else.</summary>
    private sealed class CleanDaemon : IClamdSockets
    {
        public Task<string?> FindAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);
        public Task<string> AskAsync(string socket, string command, CancellationToken cancellationToken) => Task.FromResult(Fresh);
        public Task<string> ScanAsync(string socket, Stream content, CancellationToken cancellationToken) =>
            Task.FromResult(content.Length == 68 ? "stream: Eicar FOUND" : content.Length > 1000 ? "stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND" : "stream: OK");
        public Stream OpenSample(string path) => throw new InvalidOperationException("no sample was named");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n\r\n<h1>Dossier</h1>", Verdict.Proved)]
    [InlineData("HTTP/1.1 500 Broken\r\n\r\n<h1>Dossier</h1>", Verdict.Failed)]
    [InlineData("HTTP/1.1 200 OK\r\nA: Dossier\r\n\r\n<h1>empty</h1>", Verdict.Failed)]
    [InlineData("SSH-2.0-OpenSSH", Verdict.Failed)]
    [InlineData("", Verdict.Failed)]
    public void An_http_answer_is_judged_by_status_and_body(string answer, Verdict verdict) =>
        ServiceProbes.Judge(new HttpProbe(null, 80, "/", "localhost", 200, "Dossier", TimeSpan.FromMinutes(1)), System.Text.Encoding.UTF8.GetBytes(answer)).Verdict.Should().Be(verdict);

    private static readonly byte[] Picture = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, 5, 0, 0, 0, 4, 0, 8];

    [Fact]
    public void A_page_is_judged_by_what_a_person_sees_and_its_picture_is_kept()
    {
        ProbeAnswer Judge(string document, string? title, string? text, int exitCode = 0, byte[]? picture = null) =>
            Browser.Judge(new PageProbe(null, 80, "/", title, text, TimeSpan.FromMinutes(1)), FakeRoom.Said(document, exitCode), picture ?? Picture);
        const string Shown = "<html><head><title>DPI &amp; co</title></head><body><h1>Bonjour l&#39;<b>équipe</b></h1><script>var s='secret word';</script><!-- hidden --></body></html>";
        var good = Judge(Shown, "DPI & co", "Bonjour");
        (good.Verdict, good.Artefacts.Single().MediaType).Should().Be((Verdict.Proved, "image/png"));
        Judge(Shown, "Erreur", null).Verdict.Should().Be(Verdict.Failed);
        foreach (var unseen in (string[])["secret word", "hidden", "html"]) Judge(Shown, null, unseen).Verdict.Should().Be(Verdict.Failed, unseen);
        Judge(Shown, "DPI", null, exitCode: 1).Verdict.Should().Be(Verdict.Inconclusive);
        Judge("", "DPI", null).Verdict.Should().Be(Verdict.Inconclusive);
        Judge(Shown, "DPI", null, picture: []).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task Of_a_service_that_nothing_started_nothing_is_known_and_one_that_stopped_has_failed()
    {
        var room = new FakeRoom(_ => FakeRoom.Said("", 1));
        var scene = new ProbeScene(Now, new MemoryRestored(), 0, 0) { Room = _ => ValueTask.FromResult<IDrillRoom>(room) };
        var probe = new TcpProbe("web", 8080, TimeSpan.FromMinutes(1));
        (await new ServiceProbes().RunAsync(probe, scene, default)).Verdict.Should().Be(Verdict.Inconclusive);
        (await new ServiceProbes().SpoilAsync(probe with { Service = null }, scene, default)).Should().BeNull();
        scene.Services.Add("web", room, () => ValueTask.CompletedTask);
        (await new ServiceProbes().SpoilAsync(probe, scene, default)).Should().NotBeNull();
        (await new ServiceProbes().RunAsync(probe, scene, default)).Verdict.Should().Be(Verdict.Failed);
    }
}
