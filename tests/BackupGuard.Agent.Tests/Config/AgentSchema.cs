using System.Runtime.CompilerServices;
using System.Text.Json;
using BackupGuard.Agent.Config;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Config;

/// <summary>What an editor is told of agent.yaml is what the agent reads.</summary>
public sealed class AgentSchema
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(PathOf())).RootElement;

    private static string PathOf([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../../agent/packaging/agent.schema.json");    // this file has a folder

    private static IEnumerable<string> KeysOf(JsonElement definition) => definition.GetProperty("properties").EnumerateObject().Select(p => p.Name);

    private static JsonElement Definition(string name) => Schema.GetProperty("definitions").GetProperty(name);

    [Fact]
    public void The_editor_and_the_agent_know_the_same_steps_with_the_same_keys()
    {
        var steps = Definition("step").GetProperty("oneOf").EnumerateArray().ToDictionary(s => s.GetProperty("properties").GetProperty("kind").GetProperty("const").GetString()!, s => KeysOf(s).Order().ToArray());
        steps.Keys.Should().BeEquivalentTo(ProbeReader.Shapes.Select(s => s.Kind));
        foreach (var (kind, keys) in ProbeReader.Shapes) steps[kind].Should().Equal(keys.Order(), "{0}", kind);
    }

    [Fact]
    public void The_editor_and_the_agent_know_the_same_keys_of_the_file_and_of_a_drill()
    {
        KeysOf(Schema).Should().BeEquivalentTo(AgentConfig.Keys);
        KeysOf(Definition("drill")).Should().BeEquivalentTo(DrillReader.Keys);
    }

    [Fact]
    public void Every_key_is_explained_and_every_step_refuses_what_it_does_not_know()
    {
        foreach (var step in Definition("step").GetProperty("oneOf").EnumerateArray())
        {
            step.GetProperty("additionalProperties").GetBoolean().Should().BeFalse();
            foreach (var property in step.GetProperty("properties").EnumerateObject()) property.Value.TryGetProperty("description", out _).Should().BeTrue(property.Name);
        }
    }
}
