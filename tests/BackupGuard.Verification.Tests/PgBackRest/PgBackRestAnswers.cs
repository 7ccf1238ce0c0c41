using System.Text;
using BackupGuard.Verification.Formats.Driven;
using BackupGuard.Verification.Formats.PgBackRest;
using BackupGuard.Verification.Tests.Corpus;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.PgBackRest;

/// <summary>Answers that pgBackRest could give and a repository cannot bring about: silence, other versions, contradictions. The rest of each look is the real tool's.</summary>
public sealed class PgBackRestAnswers
{
    private static MemoryStore Base() => MemoryStore.Of(Vector.BaseFolder("pgbackrest", "small"));

    private static Task<VerifyReport> VerifyAsync(IDrivenTool tool, ReadData? read = null) =>
        new PgBackRestRepository(tool, PgBackRestUnderTest.Stanza, 1).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, ReadData = read ?? ReadData.All }, null, CancellationToken.None);

    private static PgBackRestUnderTest.FolderTool Saying(string verb, string output, int exit = 0) =>
        new(Base()) { Instead = asked => asked == verb ? (PgBackRestUnderTest.Text(output), exit) : null };

    private static string RealVerify()
    {
        var folder = Directory.CreateTempSubdirectory("bg-verify-").FullName;
        try
        {
            Vector.Load("pgbackrest", "undamaged").WriteTo(folder);
            return PgBackRestUnderTest.Run(folder, "verify", "--output=text", "--verbose").Output;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_good_says_whose_word_it_is()
    {
        var report = await VerifyAsync(new PgBackRestUnderTest.FolderTool(Base()));
        report.Verdict.Should().Be(Verdict.Proved);
        report.DrivenBy!.Tool.Should().Be("pgBackRest");
        report.BytesRead.Should().BePositive();
        report.Coverage.Should().Be(1);
        report.Snapshots.Select(s => s.Id).Should().HaveCount(4);
    }

    [Fact]
    public async Task No_data_read_proves_nothing()
    {
        var tool = new PgBackRestUnderTest.FolderTool(Base());
        var report = await VerifyAsync(tool, ReadData.None);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        (report.BytesRead, report.Coverage).Should().Be((0, 0));
        tool.Asked.Select(a => a[0]).Should().NotContain("verify");
    }

    [Theory]
    [InlineData("version"), InlineData("info"), InlineData("verify"), InlineData("repo-ls"), InlineData("repo-get")]
    public async Task A_verb_that_cannot_be_asked_leaves_the_look_inconclusive(string verb)
    {
        var report = await VerifyAsync(new PgBackRestUnderTest.FolderTool(Base()) { Fails = asked => asked == verb ? new ToolException(ToolFailure.TimedOut, "it did not end within 5 s and was stopped") : null });
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Should().Contain(f => f.Code == "BG1801" && f.Subject == verb);
    }

    [Theory]
    [InlineData("version", 31), InlineData("info", 37), InlineData("verify", 31), InlineData("repo-ls", 41)]
    public async Task An_exit_status_that_is_not_0_is_no_answer_whatever_was_printed(string verb, int exit)
    {
        var output = verb == "verify" ? RealVerify() : verb == "version" ? "pgBackRest 2.45\n" : "{}";
        var report = await VerifyAsync(Saying(verb, output, exit));
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Should().Contain(f => f.Code == "BG1801" && f.Subject == verb);
    }

    [Theory]
    [InlineData("verify", "", "verify said nothing at all")]
    [InlineData("verify", "stanza: other\nstatus: ok\n", "line 1 of verify is not about demo")]
    [InlineData("verify", "stanza: demo\n", "line 2 of verify gives no status")]
    [InlineData("verify", "stanza: demo\nstatus: fine\n", "line 2 of verify gives no status")]
    [InlineData("verify", "stanza: demo\nstatus: ok\n  tables: 12\n", "line 3 of verify is not known")]
    [InlineData("version", "pgModern 1.0\n", "it does not name itself pgBackRest")]
    [InlineData("info", "[]", "info did not answer about one stanza")]
    [InlineData("info", "[{\"name\":\"other\"}]", "info answered about another stanza")]
    [InlineData("repo-ls", "[]", "repo-ls did not answer with a listing")]
    [InlineData("repo-ls", "{\"a\":{\"type\":\"file\",\"size\":1}", "repo-ls did not")]
    public async Task What_is_not_understood_is_not_taken_for_good(string verb, string output, string reason)
    {
        var report = await VerifyAsync(Saying(verb, output));
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Should().Contain(f => f.Code == "BG1807" && f.Subject == verb && f.Data["reason"].StartsWith(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_status_of_error_fails_although_the_exit_status_is_0_and_info_says_ok()
    {
        var report = await VerifyAsync(Saying("verify", RealVerify().Replace("status: ok", "status: error", StringComparison.Ordinal)));
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().Contain(f => f.Code == "BG1806");
    }

    [Fact]
    public async Task A_verify_that_checked_fewer_files_than_the_manifest_lists_contradicts_itself()
    {
        var few = System.Text.RegularExpressions.Regex.Replace(RealVerify(), "total files checked: [0-9]+, total valid files: [0-9]+", "total files checked: 2, total valid files: 2");
        var report = await VerifyAsync(Saying("verify", few));
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Should().Contain(f => f.Code == "BG1808");
    }

    [Fact]
    public async Task An_empty_success_is_a_failure()
    {
        var report = await VerifyAsync(Saying("verify", "stanza: demo\nstatus: ok\n  archiveId: none found\n  backup: none found\n"));
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().Contain(f => f.Code == "BG1821");
    }

    [Fact]
    public async Task What_comes_back_other_than_it_was_backed_up_is_found_whatever_the_tool_says()
    {
        var tool = new PgBackRestUnderTest.FolderTool(Base())
        {
            Afterwards = (verb, folder) =>
            {
                if (verb != "restore") return;
                var file = Path.Combine(folder, "data", "PG_VERSION");
                File.WriteAllText(file, "16\n");
                File.Delete(Path.Combine(folder, "data", "pg_xact", "0000"));
            },
        };
        var target = new MemoryTarget();
        var report = await new PgBackRestRepository(tool, PgBackRestUnderTest.Stanza, 1).RestoreAsync(new RestoreOptions { Snapshot = "latest", Clock = TimeProvider.System }, target, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Where(f => f.Code == "BG1822").Select(f => f.Subject).Should().BeEquivalentTo((string[])["PG_VERSION", "pg_xact/0000"], "those two were changed");
    }

    [Fact]
    public async Task A_restored_copy_does_not_archive_and_has_its_WAL()
    {
        var target = new MemoryTarget();
        var report = await new PgBackRestRepository(new PgBackRestUnderTest.FolderTool(Base()), PgBackRestUnderTest.Stanza, 1)
            .RestoreAsync(new RestoreOptions { Snapshot = "20240115-020000F_20240115-07", Clock = TimeProvider.System }, target, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Proved, string.Join(", ", report.Findings.Select(f => f.Message("en"))));
        report.Snapshot!.Id.Should().Be("20240115-020000F_20240115-070000I");
        Encoding.UTF8.GetString(target.Files["postgresql.auto.conf"]).Should().EndWith("archive_mode = 'off'\n");
        target.Files.Keys.Should().Contain(k => k.StartsWith("pg_wal/0000000100000000", StringComparison.Ordinal));
        target.Files.Keys.Should().NotContain(k => k.StartsWith("recovery.", StringComparison.Ordinal) || k.StartsWith("backup.manifest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_call_names_one_repository_writes_no_log_and_reaches_nothing_outside_its_folder()
    {
        var tool = new PgBackRestUnderTest.FolderTool(Base());
        await VerifyAsync(tool);
        await new PgBackRestRepository(tool, PgBackRestUnderTest.Stanza, 1).RestoreAsync(new RestoreOptions { Snapshot = "latest", Clock = TimeProvider.System }, new MemoryTarget(), null, CancellationToken.None);
        tool.Asked.Select(a => a[0]).Distinct().Should().BeSubsetOf((string[])["version", "info", "repo-ls", "repo-get", "verify", "restore", "archive-get"], "none of these writes into a repository");
        tool.Asked.Where(a => a[0] != "version").Should().OnlyContain(a => a.Contains("--log-level-file=off"));
        tool.Asked.Where(a => a[0] is "restore" or "archive-get").Should().OnlyContain(a => a.Any(x => x.StartsWith("--lock-path=", StringComparison.Ordinal)));
        tool.Asked.Single(a => a[0] == "restore").Should().Contain((string[])["--no-link-all", "--reset-link-map", "--reset-tablespace-map-all"]);
    }

    [Fact]
    public async Task More_findings_of_one_kind_than_can_be_listed_are_counted()
    {
        var listing = new StringBuilder("{");
        for (var i = 0; i < 600; i++) listing.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"20230101-{i:000000}F/backup.manifest\":{{\"type\":\"file\",\"size\":1}},");
        listing.Append("\".\":{\"type\":\"path\"}}");
        var report = await VerifyAsync(Saying("repo-ls", listing.ToString()));
        report.Findings.Should().Contain(f => f.Code == "BG1827" && f.Subject == "BG1813" && f.Data["count"] == "100");
    }
}
