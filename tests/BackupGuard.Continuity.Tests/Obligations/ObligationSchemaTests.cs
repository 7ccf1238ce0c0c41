using System.Text.Json;
using BackupGuard.Continuity.Obligations;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Obligations;

public class ObligationSchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(RepositoryFiles.Read("runbooks/schema/backupguard-obligations.v1.schema.json")).RootElement;

    private static JsonElement Definition(string name) => name == "obligations" ? Schema : Schema.GetProperty("definitions").GetProperty(name);

    public static TheoryData<string> Shapes() => [.. ObligationShapes.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_editor_and_the_reader_know_the_same_keys(string name)
    {
        var shape = ObligationShapes.All.Single(s => s.Name == name);
        var definition = Definition(name);

        definition.GetProperty("additionalProperties").ValueKind.Should().Be(JsonValueKind.False, "a misspelt key is found in the editor");
        definition.GetProperty("properties").EnumerateObject().Select(p => p.Name).Should().BeEquivalentTo(shape.Keys);
        definition.GetProperty("properties").EnumerateObject().Where(p => !p.Value.TryGetProperty("description", out _)).Select(p => p.Name).Should().BeEmpty("each key is explained on hover");
        definition.GetProperty("required").EnumerateArray().Select(e => e.GetString()!).Should().BeEquivalentTo(shape.Required);
    }

    [Theory]
    [InlineData("profile", "duty", "profile")]
    [InlineData("mode", "profile", "mode")]
    [InlineData("certainty", "duty", "certainty")]
    [InlineData("lateReason", "duty", "lateReason")]
    public void The_editor_and_the_reader_know_the_same_words(string words, string definition, string key) =>
        Definition(definition).GetProperty("properties").GetProperty(key).GetProperty("enum").EnumerateArray().Select(e => e.GetString()).Should().Equal(ObligationShapes.Words[words]);

    [Fact]
    public void The_editor_and_the_reader_know_the_same_profiles() =>
        Schema.GetProperty("properties").GetProperty("profiles").GetProperty("properties").EnumerateObject().Select(p => p.Name).Should().Equal(ObligationShapes.Words["profile"]);
}
