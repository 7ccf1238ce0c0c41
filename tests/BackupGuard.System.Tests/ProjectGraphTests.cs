using System.Text.Json;
using System.Xml.Linq;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>Who may know whom. Read from the project files, since a reference that nobody uses yet does not show in an assembly.</summary>
public sealed class ProjectGraphTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["BackupGuard.Verification"] = [],
        ["BackupGuard.Evidence"] = [],
        ["BackupGuard.Continuity"] = [],
        ["BackupGuard.Copies"] = [],
        ["BackupGuard.Contracts"] = [],
        ["BackupGuard.Evidence.Verifier"] = ["BackupGuard.Evidence"],
        ["BackupGuard.Witness"] = ["BackupGuard.Evidence"],
        ["BackupGuard.Agent"] = ["BackupGuard.Contracts", "BackupGuard.Copies", "BackupGuard.Evidence", "BackupGuard.Verification"],
        ["BackupGuard.Server"] = ["BackupGuard.Continuity", "BackupGuard.Contracts", "BackupGuard.Copies", "BackupGuard.Evidence"],
        // Built before, run beside: nothing of them is loaded.
        ["BackupGuard.Demo"] = ["BackupGuard.Agent (not referenced)", "BackupGuard.Evidence.Verifier (not referenced)", "BackupGuard.Server (not referenced)", "BackupGuard.Witness (not referenced)"],
    };

    private static IEnumerable<(string Name, XDocument Project)> Projects() =>
        new[] { "src", "agent" }.SelectMany(f => Directory.EnumerateFiles(Path.Combine(Programs.Root, f), "*.csproj", SearchOption.AllDirectories))
            .Select(f => (Path.GetFileNameWithoutExtension(f), XDocument.Load(f)));

    [Fact]
    public void Every_project_knows_exactly_whom_it_may_know()
    {
        var found = Projects().ToDictionary(p => p.Name, p => p.Project.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value) + (r.Attribute("ReferenceOutputAssembly")?.Value == "false" ? " (not referenced)" : "")).Order(StringComparer.Ordinal).ToArray());
        found.Should().BeEquivalentTo(Allowed);
    }

    [Fact]
    public void What_is_published_is_locked_to_the_packages_that_were_tested()
    {
        var published = new[] { "src", "agent" }.SelectMany(f => Directory.EnumerateFiles(Path.Combine(Programs.Root, f), "packages.publish.lock.json", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/bin/", StringComparison.Ordinal)).ToArray();
        published.Should().HaveCount(2);
        foreach (var file in published)
        {
            static string Packages(string file) => JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("dependencies").GetProperty("net10.0").GetRawText();
            Packages(file).Should().Be(Packages(Path.Combine(Path.GetDirectoryName(file)!, "packages.lock.json")), $"publish with -p:RestoreForceEvaluate=true writes {file} anew");
        }
    }

    [Fact]
    public void Vendor_packages_stay_at_the_edge()
    {
        foreach (var (name, project) in Projects().Where(p => p.Name is "BackupGuard.Verification" or "BackupGuard.Copies" or "BackupGuard.Contracts"))
            project.Descendants("PackageReference").Should().BeEmpty($"{name} is a leaf: an auditor takes it alone");
        // The framework's own CMS, which lies outside its base library (src/decisions/0019).
        Projects().Single(p => p.Name == "BackupGuard.Evidence").Project.Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value).Should().Equal("System.Security.Cryptography.Pkcs");
        Projects().Single(p => p.Name == "BackupGuard.Continuity").Project.Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value).Should().Equal("YamlDotNet");
    }

    [Fact]
    public void No_test_project_reaches_past_the_project_it_tests()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Programs.Root, "tests"), "*.Tests.csproj", SearchOption.AllDirectories))
        {
            var tested = Path.GetFileNameWithoutExtension(file).Replace(".Tests", "", StringComparison.Ordinal);
            if (tested == "BackupGuard.System") tested = "BackupGuard.Demo";
            XDocument.Load(file).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)).Should().Equal(tested);
        }
    }
}
