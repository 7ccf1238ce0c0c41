using System.Globalization;
using System.Text.Json;

namespace BackupGuard.Verification.External;

/// <summary>Reads what other products say of their own restore tests. Pure; reads bytes that anybody may have written.</summary>
/// <remarks>
/// Shapes: AWS Backup's answers to DescribeRestoreJob and ListRestoreJobs; Veeam Backup &amp; Replication's answer to GET /api/v1/sessions; Rubrik Security Cloud's answer to
/// activitySeriesConnection and CDM's list of live mounts; and a document of our own for everything else. The later ones of these change: members that are not known are passed over there,
/// and refused in our own.
/// </remarks>
public static class ExternalReports
{
    public const int LargestBytes = 8 << 20;
    public const int MostTests = 10_000;
    private const int Deepest = 32;

    /// <summary>What others say counts this long after their test ended.</summary>
    public static readonly TimeSpan ValidFor = TimeSpan.FromDays(35);

    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <param name="name">The document's name, for the findings.</param>
    public static ExternalReading Read(ReadOnlyMemory<byte> document, string name, ExternalExpectation expected, DateTimeOffset now)
    {
        try
        {
            if (document.Length > LargestBytes) throw new ExternalShape(new($"it is larger than {LargestBytes >> 20} MiB", $"il dépasse {LargestBytes >> 20} Mio"));
            if (document.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || document.Span.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) throw new ExternalShape(new("it is UTF-16; save it as UTF-8", "il est en UTF-16 ; enregistrez-le en UTF-8"));
            if (document.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) document = document[3..];
            using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = Deepest, AllowDuplicateProperties = false });
            var (tests, isPart) = ReadShape(expected.Product, json.RootElement);
            return Judge(tests, isPart, name, expected, now);
        }
        catch (JsonException)
        {
            return Refused(ExternalFindings.NotReadable.At(name, ("reason", new Words("it is not whole and valid JSON, or repeats a member", "ce n’est pas du JSON entier et valide, ou un membre y est répété"))));
        }
        catch (ExternalShape e)
        {
            return Refused(ExternalFindings.NotReadable.At(name, ("reason", e.Reason)));
        }
    }

    private static (IReadOnlyList<ExternalTest> Tests, bool IsPart) ReadShape(ExternalProduct product, JsonElement root)
    {
        try
        {
            return Shapes.Read(product, root);
        }
        catch (InvalidOperationException)
        {
            // What a JsonElement throws for a member's name that is no Unicode; such bytes are still JSON to its parser.
            throw new ExternalShape(new("it is not valid UTF-8", "ce n’est pas de l’UTF-8 valide"));
        }
    }

    private static ExternalReading Judge(IReadOnlyList<ExternalTest> all, bool isPart, string name, ExternalExpectation expected, DateTimeOffset now)
    {
        if (all.FirstOrDefault(t => t.Tenant is { } tenant && !string.Equals(tenant, expected.Tenant, StringComparison.OrdinalIgnoreCase)) is { Tenant: { } other })
            return Refused(ExternalFindings.OtherTenant.At(name, ("found", other), ("expected", expected.Tenant)));
        if (all.SelectMany(t => (DateTimeOffset?[])[t.StartedAt, t.EndedAt, t.RestorePoint]).FirstOrDefault(t => t > now + ClockTolerance) is { } future)
            return Refused(ExternalFindings.InTheFuture.At(name, ("time", Time(future))));

        var findings = new List<Finding>();
        var tests = all.Where(t => expected.Subjects.Count == 0 || expected.Subjects.Contains(t.Subject, StringComparer.OrdinalIgnoreCase)).ToList();
        if (tests.Count == 0)
        {
            findings.Add(ExternalFindings.NothingTested.At(name, ("reason", all.Count == 0 ? new Words("it lists none", "il n’en liste aucun") : new Words($"none of its {all.Count} results is about what was announced", $"aucun de ses {all.Count} résultats ne concerne ce qui a été annoncé"))));
        }
        else if (tests.Exists(t => t.Tenant is null)) findings.Add(ExternalFindings.TenantNotNamed.At(name, ("expected", expected.Tenant)));
        if (isPart) findings.Add(ExternalFindings.OnlyAPart.At(name));

        // The newest of each subject decides: an older failure was answered by a later test, an older success by a later failure.
        var newest = tests.GroupBy(t => t.Subject, StringComparer.OrdinalIgnoreCase).Select(g => g.OrderBy(t => t.EndedAt ?? t.StartedAt ?? DateTimeOffset.MinValue).ThenByDescending(Severity).Last()).ToList();
        foreach (var test in newest)
        {
            if (test.Outcome == ExternalOutcome.Failed) findings.Add(ExternalFindings.TestFailed.At(test.Subject, ("says", test.Says)));
            else if (test.Outcome == ExternalOutcome.NotTested) findings.Add(ExternalFindings.SuccessWithoutTest.At(test.Subject, ("reason", test.Says)));
            else if (test.Outcome == ExternalOutcome.Unfinished) findings.Add(ExternalFindings.Unfinished.At(test.Subject, ("says", test.Says)));
            else if (test.EndedAt + ValidFor <= now) findings.Add(ExternalFindings.TooOld.At(test.Subject, ("time", Time(test.EndedAt!.Value))));    // a test that passed has its end
        }
        findings.AddRange(expected.Subjects.Where(s => !tests.Exists(t => string.Equals(t.Subject, s, StringComparison.OrdinalIgnoreCase))).Select(s => ExternalFindings.SubjectMissing.At(s)));

        var passed = newest.Where(t => t.Outcome == ExternalOutcome.Passed).Select(t => t.EndedAt!.Value).DefaultIfEmpty(DateTimeOffset.MinValue).Min();    // as above
        var claim = newest.Exists(t => t.Outcome == ExternalOutcome.Failed) ? ExternalClaim.Failed : findings.TrueForAll(f => f.Kind == ExternalFindings.TenantNotNamed) ? ExternalClaim.Passed : ExternalClaim.Nothing;
        return new ExternalReading([.. newest.OrderBy(t => t.Outcome switch { ExternalOutcome.Failed => 0, ExternalOutcome.Unfinished => 1, ExternalOutcome.NotTested => 2, _ => 3 }).ThenBy(t => t.Subject, StringComparer.Ordinal)], claim,
            claim == ExternalClaim.Passed ? passed + ValidFor : null, [.. findings.OrderByDescending(f => f.Severity)], IsRefused: false);
    }

    private static int Severity(ExternalTest test) => test.Outcome switch { ExternalOutcome.Failed => 0, ExternalOutcome.Unfinished => 1, ExternalOutcome.NotTested => 2, _ => 3 };

    private static ExternalReading Refused(Finding why) => new([], ExternalClaim.Nothing, null, [why], IsRefused: true);

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}

/// <summary>The document is not of the shape that was announced.</summary>
internal sealed class ExternalShape(Words reason) : Exception(reason.En)
{
    public Words Reason { get; } = reason;
}
