using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Contracts.Tests;

/// <summary>What other programs read from us: the golden files change only on purpose (UPDATE_GOLDEN=1), and never in a way that an older reader cannot take.</summary>
public class Golden_json_tests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names => [.. Samples.All.Keys];

    private static string PathOf(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden", name + ".json");   // this file has a folder

    private static string Indented(string json) => JsonNode.Parse(json)!.ToJsonString(Readable) + "\n";   // no sample is null

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_sent_is_what_the_golden_file_says(string name)
    {
        var sent = Indented(Samples.All[name].Sent());
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(PathOf(name), sent);
        sent.Should().Be(File.ReadAllText(PathOf(name)), "a difference is a change of the contract: look at it, then run with UPDATE_GOLDEN=1");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_golden_file_reads_back_without_loss(string name)
    {
        var sample = Samples.All[name];
        sample.Read(File.ReadAllText(PathOf(name))).Should().BeEquivalentTo(sample.Value, o => o.RespectingRuntimeTypes());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_repeated_member_is_refused_at_every_depth(string name)
    {
        var sample = Samples.All[name];
        var doubled = 0;
        foreach (var json in WithEachMemberDoubled(JsonNode.Parse(sample.Sent())!))   // no sample is null
        {
            doubled++;
            var act = () => sample.Read(json);
            act.Should().Throw<JsonException>("{0} repeats a member", json);
        }
        doubled.Should().BeGreaterThan(1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Members_of_a_later_version_are_tolerated_at_every_depth(string name)
    {
        var sample = Samples.All[name];
        var root = JsonNode.Parse(sample.Sent())!;   // no sample is null
        foreach (var item in Objects(root).ToArray()) item["addedLater"] = new JsonObject { ["x"] = 1 };
        sample.Read(root.ToJsonString()).Should().BeEquivalentTo(sample.Value, o => o.RespectingRuntimeTypes());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_empty_object_is_refused(string name)
    {
        var act = () => Samples.All[name].Read("{}");
        act.Should().Throw<JsonException>("each has members that must be there");
    }

    [Fact]
    public void A_null_where_a_value_must_be_is_refused()
    {
        var act = () => Samples.All["enrol-request"].Read("""{"token":null,"agentName":"a","publicKey":"b","softwareVersion":"c"}""");
        act.Should().Throw<JsonException>();
    }

    [Fact]
    public void Everything_that_can_be_sent_has_a_golden_file_and_no_file_is_left_over()
    {
        var sent = new[] { typeof(DocumentJson), typeof(WireJson) }
            .SelectMany(c => c.GetCustomAttributesData().Where(a => a.AttributeType == typeof(JsonSerializableAttribute)).Select(a => (Type)a.ConstructorArguments[0].Value!));   // its only argument is a type
        Samples.All.Values.Select(s => s.Type.Name).Should().BeEquivalentTo(sent.Select(t => t.Name));
        Directory.GetFiles(Path.GetDirectoryName(PathOf("x"))!).Select(Path.GetFileNameWithoutExtension).Should().BeEquivalentTo(Samples.All.Keys);   // a file has a folder
    }

    [Fact]
    public void No_sample_leaves_a_member_at_its_default()
    {
        foreach (var (name, sample) in Samples.All.Where(s => s.Key is not "evidence-receipt"))
        foreach (var item in Objects(JsonNode.Parse(sample.Sent())!))   // no sample is null
        foreach (var (member, value) in item)
            new[] { "null", "0", "\"\"", "[]", "false" }.Should().NotContain(value?.ToJsonString() ?? "null", "{0}.{1} is to be seen", name, member);
    }

    private static IEnumerable<JsonObject> Objects(JsonNode node)
    {
        if (node is JsonObject item) yield return item;
        var children = node switch { JsonObject o => o.Select(p => p.Value), JsonArray a => a, _ => [] };
        foreach (var child in children.OfType<JsonNode>().SelectMany(Objects)) yield return child;
    }

    private static IEnumerable<string> WithEachMemberDoubled(JsonNode root)
    {
        foreach (var item in Objects(root).ToArray())
        foreach (var (member, value) in item.ToArray())
        {
            const string mark = "markedForThisTest";
            var text = value?.ToJsonString() ?? "null";
            item[mark] = JsonNode.Parse(text);
            yield return root.ToJsonString().Replace($"\"{mark}\"", $"\"{member}\"", StringComparison.Ordinal);
            item.Remove(mark);
        }
    }
}
