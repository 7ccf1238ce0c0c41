using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using FluentAssertions;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>No finding that nothing produces, and no sentence that changes unseen.</summary>
public sealed partial class CatalogueTests
{
    private const string Exceptions = "without-vector.yaml";

    private static readonly Lazy<HashSet<string>> WithVector =
        new(() => [.. FormatUnderTest.All.SelectMany(f => Vector.Of(f.Name)).SelectMany(v => v.Expect.Concat(v.Restore))]);

    public static TheoryData<string> Codes => [.. FindingCatalogue.All.Select(k => k.Code)];
    public static TheoryData<string> Ranges => [.. FindingCatalogue.All.Select(k => k.Code[..4]).Distinct()];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_finding_has_a_vector_that_produces_it_or_a_test_that_is_named(string code)
    {
        if (WithVector.Value.Contains(code)) return;
        var tests = WithoutVector();
        tests.Keys.Should().Contain(code, $"no vector expects it, so {Exceptions} must name the test that produces it");
        Exists(tests[code]).Should().BeTrue($"{tests[code]} must be a test of this repository");
    }

    [Fact]
    public void What_has_a_vector_needs_no_exception_and_every_exception_is_a_code()
    {
        WithoutVector().Keys.Should().NotIntersectWith(WithVector.Value);
        WithoutVector().Keys.Should().BeSubsetOf(FindingCatalogue.All.Select(k => k.Code));
    }

    [Fact]
    public void Every_code_that_a_vector_expects_is_one_of_ours() => WithVector.Value.Should().BeSubsetOf(FindingCatalogue.All.Select(k => k.Code));

    /// <summary>The sentences that people read at three in the morning: a change of one has to show in the review. UPDATE_GOLDEN=1 writes them anew.</summary>
    [Theory]
    [MemberData(nameof(Ranges))]
    public void The_texts_of_a_range_are_those_of_its_golden_file(string range)
    {
        var text = new StringBuilder();
        foreach (var kind in FindingCatalogue.All.Where(k => k.Code.StartsWith(range, StringComparison.Ordinal)))
            text.Append(kind.Code).Append(' ').Append(kind.Severity.ToString().ToLowerInvariant())
                .Append("\n  en ").Append(kind.English.Message).Append("\n   → ").Append(kind.English.Remedy)
                .Append("\n  fr ").Append(kind.French.Message).Append("\n   → ").Append(kind.French.Remedy).Append("\n\n");
        var path = Path.Combine(GoldenFolder(), $"{range}xx.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(GoldenFolder());
            File.WriteAllText(path, text.ToString());
        }
        File.ReadAllText(path).Should().Be(text.ToString(), "a changed sentence is looked at, then written with UPDATE_GOLDEN=1");
    }

    [Fact]
    public void There_is_no_golden_file_of_a_range_that_is_gone() =>
        Directory.EnumerateFiles(GoldenFolder()).Select(f => Path.GetFileName(f)).Should().BeEquivalentTo(FindingCatalogue.All.Select(k => k.Code[..4]).Distinct().Select(r => $"{r}xx.txt"));

    private static Dictionary<string, string> WithoutVector()
    {
        var yaml = new YamlStream();
        using (var reader = File.OpenText(Path.Combine(Vector.Root(), Exceptions))) yaml.Load(reader);
        return ((YamlMappingNode)yaml.Documents.Single().RootNode).ToDictionary(p => p.Key.ToString(), p => p.Value.ToString());
    }

    /// <summary>In this assembly by reflection; of the others, which this one must not know, by their sources.</summary>
    private static bool Exists(string test)
    {
        var (type, method) = (test[..test.LastIndexOf('.')], test[(test.LastIndexOf('.') + 1)..]);
        var here = typeof(CatalogueTests).Assembly.GetTypes().Where(t => t.Name == type).Select(t => t.GetMethod(method));
        if (here.Any(m => m?.GetCustomAttributes<FactAttribute>().Any() == true)) return true;
        return Directory.EnumerateFiles(Path.Combine(Vector.Root(), ".."), "*.cs", SearchOption.AllDirectories)
            .Where(f => !IsBuilt().IsMatch(f)).Select(File.ReadAllText)
            .Any(source => Regex.IsMatch(source, $@"\bclass {Regex.Escape(type)}\b") && Regex.IsMatch(source, $@"\[(Fact|Theory)[^\n]*\n(\s*\[[^\n]*\n)*[^\n;=]*\b{Regex.Escape(method)}\("));
    }

    private static string GoldenFolder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Golden");   // this file has a folder

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex IsBuilt();
}
