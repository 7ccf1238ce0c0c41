using System.Security.Cryptography;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>The forged vectors lie in the corpus as files, so that every program can be asked about them; here is how they were made. UPDATE_GOLDEN=1 makes them again.</summary>
public sealed class ForgedVectorTests
{
    private static readonly bool Update = Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    public static TheoryData<string> Restic => [.. ResticForgeries.All.Keys];
    public static TheoryData<string> FileSets => [.. FileSetForgeries.All.Keys];

    [Theory]
    [MemberData(nameof(Restic))]
    public void A_forged_repository_is_what_its_forge_makes(string name) => Compare("restic", name, ResticForgeries.All[name]().Files);

    [Theory]
    [MemberData(nameof(FileSets))]
    public void A_forged_set_is_what_its_forge_makes(string name) => Compare("files", name, FileSetForgeries.All[name]());

    /// <summary>Of the repository's own key file only the name tells whether it is the cheap one.</summary>
    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void The_key_of_a_base_opens_at_once(string name)
    {
        var folder = Vector.BaseFolder("restic", name);
        var copy = Tests.Restic.RepositoryCopy.Of(folder);
        if (Update && !IsCheap(copy))
        {
            Directory.Delete(Path.Combine(folder, "keys"), recursive: true);
            Tests.Restic.ResticFixture.Rewrap(copy);
            copy.WriteTo(folder);
        }
        IsCheap(copy).Should().BeTrue("README.md of the corpus says how a base is made");
    }

    private static bool IsCheap(Tests.Restic.RepositoryCopy copy) => Formats.Restic.KeyFile.TryParse(copy.Files[copy.One("keys/")], out _) is { N: 128, R: 1, P: 1 };

    private static void Compare(string format, string name, IReadOnlyDictionary<string, byte[]> made)
    {
        var folder = Path.Combine(Vector.Root(), format, name, "files");
        if (Update) Write(folder, made);
        var there = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(folder, f).Replace('\\', '/'), File.ReadAllBytes);
        there.Keys.Should().BeEquivalentTo(made.Keys);
        foreach (var (file, bytes) in made) IsTheSame(made, file, there[file]).Should().BeTrue($"{name}/{file} must be what the forge makes ({bytes.Length} bytes)");
    }

    private static void Write(string folder, IReadOnlyDictionary<string, byte[]> made)
    {
        Directory.CreateDirectory(folder);
        foreach (var stale in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !made.ContainsKey(Path.GetRelativePath(folder, f).Replace('\\', '/')))) File.Delete(stale);
        foreach (var (file, bytes) in made)
        {
            var path = Path.Combine(folder, file);
            if (File.Exists(path) && IsTheSame(made, file, File.ReadAllBytes(path))) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }

    /// <summary>An ECDSA signature is another one each time: one that fits the same manifest is the same.</summary>
    private static bool IsTheSame(IReadOnlyDictionary<string, byte[]> made, string file, byte[] there)
    {
        if (!file.EndsWith(".sig", StringComparison.Ordinal)) return there.AsSpan().SequenceEqual(made[file]);
        return new[] { FileSetUnderTest.SampleKey, FileSetUnderTest.StrangersKey }.Any(key => Fits(key, made[file]) && Fits(key, there));

        bool Fits(ECDsa key, byte[] signature) => key.VerifyData(made[file[..^".sig".Length]], signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
