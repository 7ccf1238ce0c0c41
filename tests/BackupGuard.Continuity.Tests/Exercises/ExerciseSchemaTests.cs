using System.Text.Json;
using BackupGuard.Continuity.Exercises;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Exercises;

public class ExerciseSchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(RepositoryFiles.Read("runbooks/schema/backupguard-exercise.v1.schema.json")).RootElement;

    private static JsonElement Definition(string name) => name == "exercise" ? Schema : Schema.GetProperty("definitions").GetProperty(name);

    public static TheoryData<string> Shapes() => [.. ExerciseShapes.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_editor_and_the_parser_know_the_same_keys(string name)
    {
        var shape = ExerciseShapes.All.Single(s => s.Name == name);

        Definition(name).GetProperty("properties").EnumerateObject().Select(p => p.Name).Should().BeEquivalentTo(shape.Keys);
        Definition(name).GetProperty("required").EnumerateArray().Select(e => e.GetString()!).Should().BeEquivalentTo(shape.Required);
    }

    [Theory]
    [InlineData("level", "exercise", "level")]
    [InlineData("channel", "inject", "channel")]
    [InlineData("when", "reminder", "when")]
    public void The_editor_and_the_parser_know_the_same_words(string words, string definition, string key) =>
        Definition(definition).GetProperty("properties").GetProperty(key).GetProperty("enum").EnumerateArray().Select(e => e.GetString()).Should().Equal(ExerciseShapes.Words[words]);

    [Fact]
    public void Every_level_is_closed_and_speaks_french_on_hover()
    {
        var closed = 0;
        Walk(Schema, "$");
        closed.Should().BeGreaterThan(15);

        void Walk(JsonElement element, string path)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                element.EnumerateArray().ToList().ForEach(item => Walk(item, path));
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                if (element.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "object")
                {
                    closed++;
                    element.GetProperty("additionalProperties").ValueKind.Should().Be(JsonValueKind.False, "{0} must refuse misspelt keys", path);
                    element.GetProperty("description").GetString().Should().NotBeNullOrEmpty("{0} is explained on hover", path);
                }

                foreach (var property in element.EnumerateObject())
                {
                    if (property.Name == "properties")
                    {
                        property.Value.EnumerateObject().Where(p => !p.Value.TryGetProperty("description", out _)).Select(p => $"{path}.{p.Name}").Should().BeEmpty("each key is explained on hover");
                    }

                    Walk(property.Value, $"{path}.{property.Name}");
                }
            }
        }
    }
}
