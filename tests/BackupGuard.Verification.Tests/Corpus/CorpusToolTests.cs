using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>Every vector through the program that the format is of. A class of its own: half of the time it waits for a process, and the other vectors go on beside it.</summary>
public sealed class CorpusToolTests
{
    public static TheoryData<string, string> VectorsWithATool()
    {
        var data = new TheoryData<string, string>();
        foreach (var format in FormatUnderTest.Here.Where(f => f.AskTool is not null))
            foreach (var vector in Vector.Of(format.Name)) data.Add(format.Name, vector.Name);
        return data;
    }

    [Theory]
    [MemberData(nameof(VectorsWithATool))]
    public void The_format_s_own_binary_says_what_the_vector_says_of_it(string format, string name)
    {
        var vector = Vector.Load(format, name);
        if (vector.Tool == ToolSays.NotAsked) return;
        var folder = Directory.CreateTempSubdirectory("bg-vector-").FullName;
        try
        {
            var backup = Path.Combine(folder, "backup");
            vector.WriteTo(backup);
            var good = FormatUnderTest.Of(format).AskTool!(backup);
            var ours = vector.Verdict == Verdict.Proved;
            var expected = vector.Tool switch { ToolSays.Agrees => ours, ToolSays.Misses => true, _ => false };
            good.Should().Be(expected, $"{vector.About} (tool: {vector.Tool})");
            if (vector.Tool != ToolSays.Agrees) ours.Should().Be(vector.Tool == ToolSays.Stricter);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Each_format_with_a_binary_has_a_damage_that_the_binary_misses()
    {
        foreach (var format in FormatUnderTest.All.Where(f => f.AskTool is not null))
            Vector.Of(format.Name).Should().Contain(v => v.Tool == ToolSays.Misses, $"of {format}");
    }
}
