using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>Every vector through every path that reads its format.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string, string> Vectors()
    {
        var data = new TheoryData<string, string>();
        foreach (var format in FormatUnderTest.Here)
            foreach (var vector in Vector.Of(format.Name)) data.Add(format.Name, vector.Name);
        return data;
    }

    public static TheoryData<string, string> Undamaged()
    {
        var data = new TheoryData<string, string>();
        foreach (var format in FormatUnderTest.Here)
            foreach (var vector in Vector.Of(format.Name).Where(v => v.IsUndamaged)) data.Add(format.Name, vector.Name);
        return data;
    }

    [Fact]
    public void Every_folder_of_the_corpus_is_read_by_a_format() => Vector.Formats().Should().BeEquivalentTo(FormatUnderTest.All.Select(f => f.Name));

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Verify_finds_the_defect_and_gives_the_verdict(string format, string name)
    {
        var vector = Vector.Load(format, name);
        var report = await VerifyAsync(format, Store(vector));
        Missing(vector.Expect, report.Findings).Should().BeEmpty($"{vector.About} Found: {Found(report.Findings)}");
        report.Verdict.Should().Be(vector.Verdict, $"{vector.About} Found: {Found(report.Findings)}; unfinished: {report.Unfinished}");
        if (vector.Expect.Count == 0) report.Findings.Where(f => f.Severity == Severity.Error).Should().BeEmpty();
        foreach (var finding in report.Findings) Complete(finding);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Inspect_ends_and_says_what_it_saw(string format, string name)
    {
        var vector = Vector.Load(format, name);
        var report = await FormatUnderTest.Of(format).Open(Store(vector)).InspectAsync(CancellationToken.None);
        report.Format.Should().NotBeEmpty();
        if (vector.IsUndamaged) report.Snapshots.Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Restore_is_proved_only_with_the_bytes_of_the_undamaged_backup(string format, string name)
    {
        var vector = Vector.Load(format, name);
        var target = new MemoryTarget();
        var report = await RestoreAsync(format, Store(vector), target);
        Missing(vector.Restore, report.Findings).Should().BeEmpty($"{vector.About} Found: {Found(report.Findings)}");
        foreach (var finding in report.Findings) Complete(finding);
        if (vector.Verdict == Verdict.Proved) report.Verdict.Should().Be(vector.Restored, $"what verify calls good must come back. Found: {Found(report.Findings)}; unfinished: {report.Unfinished}");
        if (report.Verdict != Verdict.Proved) return;
        report.Files.Should().BePositive();
        if (vector.Base is null) return;
        target.ShouldHave(await WholeRestores.OfAsync(format, vector.Base), $"a restore of {vector} was called good");
    }

    [Theory]
    [MemberData(nameof(Undamaged))]
    public async Task A_target_that_is_too_small_is_told_before_anything_is_created(string format, string name)
    {
        var (vector, fitting) = (Vector.Load(format, name), new MemoryTarget());
        await RestoreAsync(format, Store(vector), fitting);
        if (fitting.Expected is not { } expected) return;
        // WAL is restored beside what a base backup's manifest counts.
        expected.Should().BeInRange(1, Math.Max(1, fitting.Files.Values.Sum(f => (long)f.Length)));

        var target = new MemoryTarget { RoomBytes = expected - 1 };
        var report = await RestoreAsync(format, Store(vector), target);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().Contain(f => f.Kind == CommonFindings.RestoreWriteFailed && f.Message("en").Contains("do not fit"));
        (target.Files.Count + target.Folders.Count).Should().Be(0);
    }

    [Fact]
    public async Task Every_format_here_tells_how_much_is_to_come()
    {
        // restic's snapshots tell since 0.17: see RestorationTests.
        foreach (var format in FormatUnderTest.Here.Where(f => f.Name != "restic"))
        {
            var told = false;
            foreach (var vector in Undamaged().Where(v => (string)v[0] == format.Name && !told))
            {
                var target = new MemoryTarget();
                await RestoreAsync(format.Name, Store(Vector.Load(format.Name, (string)vector[1])), target);
                told = target.Expected is not null;
            }
            told.Should().BeTrue(format.Name);
        }
    }

    internal static MemoryStore Store(Vector vector)
    {
        var folder = Directory.CreateTempSubdirectory("bg-vector-").FullName;
        try
        {
            vector.WriteTo(folder);
            return MemoryStore.Of(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static Task<VerifyReport> VerifyAsync(string format, MemoryStore store, CancellationToken cancellationToken = default) =>
        FormatUnderTest.Of(format).Open(store).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, Workers = 2 }, null, cancellationToken);

    internal static Task<RestoreReport> RestoreAsync(string format, MemoryStore store, MemoryTarget target, CancellationToken cancellationToken = default) =>
        FormatUnderTest.Of(format).Open(store).RestoreAsync(new RestoreOptions { Snapshot = "latest", Clock = TimeProvider.System }, target, null, cancellationToken);

    private static IEnumerable<string> Missing(IEnumerable<string> expected, IEnumerable<Finding> findings) => expected.Except(findings.Select(f => f.Code));

    private static string Found(IEnumerable<Finding> findings) => string.Join(", ", findings.Select(f => $"{f.Code} {f.Subject}"));

    private static void Complete(Finding finding)
    {
        foreach (var language in (string[])["en", "fr"])
        {
            finding.Message(language).Should().NotBeEmpty().And.NotContain("?}", "every placeholder is filled");
            finding.Remedy(language).Should().NotBeEmpty();
        }
    }
}
