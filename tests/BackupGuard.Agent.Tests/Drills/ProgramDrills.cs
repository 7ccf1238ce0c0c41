using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Programs;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>A restored web application, started in the room and asked there.</summary>
[Trait("Needs", "room")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ProgramDrills : IDisposable
{
    private const string Application = """
        import http.server
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                known = self.path == '/login'
                self.send_response(200 if known else 404)
                self.end_headers()
                self.wfile.write(open('/restored/login.html', 'rb').read() if known else b'nothing')
        http.server.HTTPServer(('127.0.0.1', 8080), Page).serve_forever()
        """;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly TestFolder _disk = new();

    public void Dispose() => _disk.Dispose();

    private static SmallRepository Backup(string application = Application) =>
        new(DateTimeOffset.UtcNow - TimeSpan.FromHours(5), ("app.py", application), ("login.html", "<html><head><title>Dossier patient</title></head><body><h1>Connexion</h1></body></html>"));

    private static StartStep Start(int? port = 8080) => new("web", ["/usr/bin/python3", "/restored/app.py"], port, TimeSpan.FromSeconds(2), Minute);

    [Fact]
    public async Task A_restored_application_starts_answers_and_each_question_goes_red_without_it()
    {
        var report = await DrillHarness.RunAsync(_disk, Backup(), [Start(), new TcpProbe("web", 8080, Minute), new HttpProbe(null, 8080, "/login", "dpi.example", 200, "Connexion", Minute)], withControl: true);
        report.Verdict.Should().Be(Verdict.Proved, DrillHarness.Told(report));
        report.Steps.Select(s => s.Kind).Should().Equal("restore", "engine", "probe", "probe", "cleanup");
        report.AlarmProved.Should().BeTrue(DrillHarness.Told(report));
        report.Control!.Select(c => c.Detail.English).Should().Equal("nothing listens on port 8080", "nothing listens on port 8080", "it ended with exit code 0 instead of staying up");
    }

    [Fact]
    public async Task A_wrong_page_a_wrong_port_and_an_application_that_ends_have_failed()
    {
        var report = await DrillHarness.RunAsync(_disk, Backup(), [Start(), new HttpProbe("web", 8080, "/", "localhost", 200, null, Minute), new HttpProbe("web", 8080, "/login", "localhost", 200, "Erreur", Minute), new TcpProbe("web", 8081, Minute)]);
        report.Steps.Where(s => s.Kind == "probe").Select(s => (s.Verdict, s.Detail.English)).Should().Equal(
            (Verdict.Failed, "status 404, expected 200"), (Verdict.Failed, "the expected text is not in the answer"), (Verdict.Failed, "nothing listens on port 8081"));
        var ended = await DrillHarness.RunAsync(_disk, Backup("raise SystemExit(3)"), [Start(), new TcpProbe("web", 8080, Minute)]);
        ended.Steps.Skip(1).Take(2).Select(s => (s.Verdict, s.Detail.English)).Should().Equal(
            (Verdict.Failed, "it ended with exit code 3 instead of staying up"), (Verdict.Inconclusive, "no earlier step started what it asks"));
    }

    [Fact]
    public async Task Who_is_not_up_in_time_or_finds_the_port_taken_leaves_it_open()
    {
        var slow = await DrillHarness.RunAsync(_disk, Backup("import time; time.sleep(600)"), [Start() with { Timeout = TimeSpan.FromSeconds(2) }]);
        slow.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English == "it was not up within 2 s");
        var taken = await DrillHarness.RunAsync(_disk, Backup(), [Start(), Start() with { Service = "other" }]);
        taken.Steps[2].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English == "something listens on port 8080 already");
    }

    [Fact]
    public async Task A_program_without_a_port_is_up_while_it_runs()
    {
        (await DrillHarness.RunAsync(_disk, Backup("import time; time.sleep(600)"), [Start(port: null)])).Verdict.Should().Be(Verdict.Proved);
        (await DrillHarness.RunAsync(_disk, Backup("raise SystemExit(0)"), [Start(port: null)])).Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_page_is_shown_by_a_browser_in_the_room_and_its_picture_kept()
    {
        var page = new PageProbe("web", 8080, "/login", "Dossier patient", "Connexion", TimeSpan.FromMinutes(2));
        var report = await DrillHarness.RunAsync(_disk, Backup(), [Start(), page], withControl: true);
        report.Steps[2].Verdict.Should().Be(Verdict.Proved, DrillHarness.Told(report));
        report.Steps[2].Artefacts.Single().Content.AsSpan(1, 3).ToArray().Should().Equal("PNG"u8.ToArray());
        report.AlarmProved.Should().BeTrue(DrillHarness.Told(report));

        var other = await DrillHarness.RunAsync(_disk, Backup(), [Start(), page with { Contains = "Urgences" }]);
        other.Steps[2].Should().Match<DrillStep>(s => s.Verdict == Verdict.Failed && s.Detail.English == "the expected text is not on it" && s.Artefacts.Count == 1);
    }
}
