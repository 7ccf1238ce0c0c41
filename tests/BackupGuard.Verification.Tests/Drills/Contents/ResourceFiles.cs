using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Contents.Fhir;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Contents;

public sealed class ResourceFiles
{
    private const string Patient = """{"resourceType":"Patient","id":"1","name":[{"family":"Example"}]}""";
    private const string Observation = """{"resourceType":"Observation","id":"2","subject":{"reference":"Patient/1"}}""";

    private static string Bundle(params string[] entries) => $$"""{"resourceType":"Bundle","type":"collection","entry":[{{string.Join(',', entries)}}]}""";
    private static string Entry(string resource, string url = "urn:uuid:00000000-0000-0000-0000-000000000001") => $$"""{"fullUrl":"{{url}}","resource":{{resource}}}""";

    private static FhirProbe Probe(bool references = false, params (string What, long Least)[] least) =>
        new(Parsed.Glob("**"), new(least.ToDictionary(l => l.What, l => l.Least), StringComparer.Ordinal), TimeSpan.FromHours(1), references);

    private static Task<ProbeAnswer> AskAsync(FhirProbe probe, params (string Path, string Content)[] files) =>
        new FhirProbes(TimeProvider.System).RunAsync(probe, MemoryRestored.Of([.. files.Select(f => (f.Path, Encoding.Latin1.GetBytes(f.Content)))]).Scene, default);

    [Fact]
    public async Task Resources_are_counted_by_the_types_that_were_asked_for()
    {
        var answer = await AskAsync(Probe(false, ("Patient", 3), ("Observation", 1)), ("a.json", Bundle(Entry(Patient), Entry(Observation))), ("b.ndjson", $"{Patient}\r\n\n{Patient}\n"), ("c.json", Patient.Replace("Patient", "Practitioner", StringComparison.Ordinal)));
        answer.Verdict.Should().Be(Verdict.Proved, answer.Detail.English);
        answer.Measures.Should().Equal(new Dictionary<string, double> { ["files"] = 3, ["resources"] = 6, ["Observation"] = 1, ["Patient"] = 3 });
        var few = await AskAsync(Probe(false, ("Patient", 2)), ("a.json", Patient));
        (few.Verdict, few.Detail.English).Should().Be((Verdict.Failed, "1 Patient, at least 2 expected"));
    }

    [Theory]
    [InlineData("a.json", "", "no resource")]
    [InlineData("a.ndjson", "\n\n", "no resource")]
    [InlineData("a.json", "[]", "line 1: a resource has no type")]
    [InlineData("a.json", """{"resourceType":"Example Synthetic"}""", "no type")]
    [InlineData("a.json", """{"resourceType":"Patient","id":"1","id":"2"}""", "no JSON")]
    [InlineData("a.json", """{"resourceType":"Patient",}""", "no JSON")]
    [InlineData("a.json", """{"resourceType":"Patient"} // Example""", "no JSON")]
    [InlineData("a.json", "{\"resourceType\":\"Patient\",\"name\":\"Ren\u00e9\"}", "no UTF-8")]
    [InlineData("a.json", """{"resourceType":"\ud800"}""", "a text of it is none")]
    [InlineData("a.json", """{"resourceType":"Bundle","entry":[]}""", "does not say what it is for")]
    [InlineData("a.json", """{"resourceType":"Bundle","type":"collection","entry":{}}""", "are no list")]
    [InlineData("a.json", """{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"id":"1"}}]}""", "no type")]
    [InlineData("a.ndjson", "{\"resourceType\":\"Patient\"}\n{\"resourceType\":\"Patient\"\n", "line 2: it is no JSON")]
    public async Task What_is_no_whole_resource_fails_with_its_line_and_without_its_text(string path, string content, string because)
    {
        var answer = await AskAsync(Probe(), ("good.json", Patient), (path, content));
        answer.Verdict.Should().Be(Verdict.Failed);
        answer.Detail.English.Should().Contain("1 of 2 files are broken").And.Contain(because).And.NotContain("Example");
    }

    [Fact]
    public async Task Deeper_than_any_resource_is_refused_without_harm() =>
        (await AskAsync(Probe(), ("a.json", """{"resourceType":"Patient","x":""" + new string('[', 1_000_000)))).Verdict.Should().Be(Verdict.Failed);

    [Theory]
    [InlineData("Patient/1", true)]
    [InlineData("Patient/1/_history/7", true)]
    [InlineData("Patient/9", false)]
    [InlineData("urn:uuid:00000000-0000-0000-0000-000000000001", true)]
    [InlineData("urn:uuid:00000000-0000-0000-0000-000000000009", false)]
    [InlineData("https://elsewhere.example/fhir/Patient/9", true)]
    [InlineData("Patient?identifier=9", true)]
    [InlineData("#", true)]
    [InlineData("#inner", true)]
    [InlineData("#other", false)]
    public async Task A_reference_inside_a_bundle_leads_to_one_of_its_resources_or_to_another_server(string reference, bool leads)
    {
        var observation = $$"""{"resourceType":"Observation","contained":[{"resourceType":"Device","id":"inner"}],"subject":[{"reference":"{{reference}}"}]}""";
        var file = ("a.json", Bundle(Entry(Patient), Entry(observation, "urn:uuid:00000000-0000-0000-0000-000000000002")));
        var answer = await AskAsync(Probe(references: true), file);
        answer.Verdict.Should().Be(leads ? Verdict.Proved : Verdict.Failed, answer.Detail.English);
        (await AskAsync(Probe(), file)).Verdict.Should().Be(Verdict.Proved, "nobody asked");
    }

    [Theory]
    [InlineData("a.json")]
    [InlineData("a.ndjson")]
    public async Task The_negative_control_goes_red(string path)
    {
        var restored = MemoryRestored.Of((path, Encoding.UTF8.GetBytes($"{Patient}\n{(path == "a.json" ? "" : Observation + "\n\n")}")));
        var probes = new FhirProbes(TimeProvider.System);
        (await probes.RunAsync(Probe(), restored.Scene, default)).Verdict.Should().Be(Verdict.Proved);
        (await probes.SpoilAsync(Probe(), restored.Scene, default)).Should().NotBeNull();
        (await probes.RunAsync(Probe(), restored.Scene, default)).Verdict.Should().Be(Verdict.Failed);
    }
}
