using BackupGuard.Verification.Tests.Anomaly.Simulation;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Anomaly;

/// <summary>What attacks files must never be let loose on a tree that it did not generate.</summary>
public sealed class SimulatorLocks
{
    private static MemoryTree Small()
    {
        var tree = new MemoryTree();
        tree.Write("/srv/a.txt", "hello"u8.ToArray(), DateTimeOffset.UnixEpoch);
        return tree;
    }

    [Fact]
    public void A_folder_without_a_marker_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("bg-locks-").FullName;
        File.WriteAllText(Path.Combine(folder, "real.txt"), "somebody's data");
        FluentActions.Invoking(() => DiskTree.Open(folder)).Should().Throw<InvalidOperationException>().WithMessage("*no marker*");
        File.ReadAllText(Path.Combine(folder, "real.txt")).Should().Be("somebody's data");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_marker_copied_from_elsewhere_is_refused()
    {
        var tree = DiskTree.Generate(Small());
        var other = Directory.CreateTempSubdirectory("bg-locks-").FullName;
        File.Copy(Path.Combine(tree.Folder, DiskTree.MarkerName), Path.Combine(other, DiskTree.MarkerName));
        FluentActions.Invoking(() => DiskTree.Open(other)).Should().Throw<InvalidOperationException>().WithMessage("*no marker of its own*");
        Directory.Delete(other, recursive: true);
        tree.Remove();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/home")]
    [InlineData("/srv")]
    public void A_folder_outside_the_temporary_one_is_refused(string folder) =>
        FluentActions.Invoking(() => DiskTree.Open(folder)).Should().Throw<InvalidOperationException>().WithMessage("*does not lie below*");

    [Fact]
    public void A_link_inside_the_tree_is_refused()
    {
        var tree = DiskTree.Generate(Small());
        var outside = Directory.CreateTempSubdirectory("bg-locks-").FullName;
        Directory.CreateSymbolicLink(Path.Combine(tree.Folder, "way-out"), outside);
        FluentActions.Invoking(() => DiskTree.Open(tree.Folder)).Should().Throw<InvalidOperationException>().WithMessage("*is a link*");
        Directory.Delete(Path.Combine(tree.Folder, "way-out"));
        Directory.Delete(outside);
        tree.Remove();
    }

    [Fact]
    public void A_tree_larger_than_anything_generated_is_refused()
    {
        var tree = DiskTree.Generate(Small());
        var file = Path.Combine(tree.Folder, "grown.bin");
        using (var grown = File.Create(file)) grown.SetLength(DiskTree.MostBytes + 1);
        FluentActions.Invoking(() => DiskTree.Open(tree.Folder)).Should().Throw<InvalidOperationException>().WithMessage("*larger*");
        File.Delete(file);
        tree.Remove();
    }

    [Theory]
    [InlineData("/../escaped.txt")]
    [InlineData("/srv/../../escaped.txt")]
    [InlineData("/" + DiskTree.MarkerName)]
    public void No_path_leads_out_of_the_tree_or_to_its_marker(string path)
    {
        var tree = DiskTree.Generate(Small());
        FluentActions.Invoking(() => tree.Write(path, [1], DateTimeOffset.UnixEpoch)).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => tree.Delete(path)).Should().Throw<InvalidOperationException>();
        tree.Remove();
    }
}
