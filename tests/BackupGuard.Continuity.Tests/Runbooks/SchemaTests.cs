using System.Text.Json;
using BackupGuard.Continuity.Runbooks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Runbooks;

public class SchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(RepositoryFiles.Read("runbooks/schema/backupguard-runbook.v1.schema.json")).RootElement;

    private static JsonElement Definition(string name) => name == "runbook" ? Schema : Schema.GetProperty("definitions").GetProperty(name);

    public static TheoryData<string> Shapes() => [.. RunbookShapes.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_editor_and_the_parser_know_the_same_keys(string name)
    {
        var shape = RunbookShapes.All.Single(s => s.Name == name);
        var definition = Definition(name);

        definition.GetProperty("properties").EnumerateObject().Select(p => p.Name).Should().BeEquivalentTo(shape.Keys);
        var required = definition.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(e => e.GetString()!).ToArray() : [];
        required.Should().BeEquivalentTo(shape.Required);
    }

    [Fact]
    public void Every_level_is_closed_and_speaks_french_on_hover()
    {
        var closed = 0;
        Walk(Schema, "$");
        closed.Should().BeGreaterThan(30);

        void Walk(JsonElement element, string path)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray())
                {
                    Walk(item, path);
                }
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                if (element.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "object")
                {
                    closed++;
                    element.GetProperty("additionalProperties").ValueKind.Should().Be(JsonValueKind.False, "{0} must refuse misspelt keys", path);
                    element.TryGetProperty("description", out _).Should().Be(!path.EndsWith(".patternProperties", StringComparison.Ordinal), "{0} is explained on hover", path);
                }

                foreach (var property in element.EnumerateObject())
                {
                    if (property.Name == "properties" && !path.EndsWith(".if", StringComparison.Ordinal))
                    {
                        property.Value.EnumerateObject().Where(p => !p.Value.TryGetProperty("description", out _)).Select(p => $"{path}.{p.Name}").Should().BeEmpty("each key is explained on hover");
                    }

                    Walk(property.Value, $"{path}.{property.Name}");
                }
            }
        }
    }

    [Theory]
    [InlineData("plan", "runbook", "plan")]
    [InlineData("scope", "runbook", "scope")]
    [InlineData("fact.type", "fact", "type")]
    [InlineData("evidence.type", "evidence", "type")]
    [InlineData("kind", "step", "kind")]
    [InlineData("style", "step", "style")]
    [InlineData("rationale", "step", "rationale")]
    [InlineData("onTimeout", "approvals", "onTimeout")]
    [InlineData("distinctFrom", "verify", "distinctFrom")]
    [InlineData("reason", "transition", "reason")]
    [InlineData("estimate.from", "estimate", "from")]
    public void The_editor_and_the_parser_know_the_same_words(string words, string definition, string key) =>
        Definition(definition).GetProperty("properties").GetProperty(key).GetProperty("enum").EnumerateArray().Select(e => e.GetString()).Should().Equal(RunbookShapes.Words[words]);
}
