using BackupGuard.Verification.Tests.Restic;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>restic in the corpus: its binary, and damage by somebody who knows the password.</summary>
internal static partial class ResticUnderTest
{
    /// <summary><c>restic check --read-data</c>, by its exit status.</summary>
    public static bool Check(string folder)
    {
        // git keeps no empty folder, and restic wants all of its own.
        foreach (var name in (string[])["data", "index", "keys", "locks", "snapshots"]) Directory.CreateDirectory(Path.Combine(folder, name));
        return ResticFixture.Restic(null, ["-r", folder, "--no-cache", "--no-lock", "check", "--read-data"]).StartsWith("0 ", StringComparison.Ordinal);
    }

    /// <summary>What is no part of a repository by its name.</summary>
    public static bool IsStray(string name) => name != "config" && !Formats.Restic.BlobId.TryParse(name[(name.LastIndexOf('/') + 1)..], out _);

    public static IReadOnlyList<ShapedDamage> Shaped { get; } = [];
}
