using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.FileSet;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.FileSet;

public class ManifestTests
{
    private static readonly byte[] Hash = new byte[32];
    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    private static string Text(string entries, string head = "") =>
        $"{{\"schema\":\"backupguard.fileset/v1\",\"id\":\"{SealedSet.Id}\",\"sealedAt\":\"2026-11-21T08:30:00.0000000Z\",\"key\":\"AQI=\"{head},\"entries\":[{entries}\n]}}\n";

    private static string File(string path, string more = "") => $"\n{{\"path\":\"{path}\",\"kind\":\"file\",\"size\":1,\"sha256\":\"{Zeros}\"{more}}}";

    [Fact]
    public void The_text_is_the_one_that_the_specification_shows()
    {
        var manifest = new FileSetManifest(SealedSet.Id, SealedSet.SealedAt, [1, 2],
        [
            new FileSetEntry("z"u8.ToArray(), FileSetKind.SymbolicLink) { Target = [0xE9], ModifiedAtNanoseconds = -5 },
            new FileSetEntry("a"u8.ToArray(), FileSetKind.Directory) { Mode = 0b111_101_101 },
            new FileSetEntry([.. "a/"u8, 0xE9], FileSetKind.File) { Size = 3, Sha256 = Hash, LinkGroup = 1 },
            new FileSetEntry("a/\"é\\\n/😀"u8.ToArray(), FileSetKind.File) { Size = 0, Sha256 = Hash },
        ]);
        Encoding.UTF8.GetString(manifest.ToBytes()).Should().Be(Text(
            "\n{\"path\":\"a\",\"kind\":\"directory\",\"mode\":\"0755\"}," +
            "\n{\"path\":\"a/\\\"é\\\\\\u000a/😀\",\"kind\":\"file\",\"size\":0,\"sha256\":\"" + Zeros + "\"}," +
            "\n{\"pathBytes\":\"YS/p\",\"kind\":\"file\",\"size\":3,\"sha256\":\"" + Zeros + "\",\"linkGroup\":1}," +
            "\n{\"path\":\"z\",\"kind\":\"symlink\",\"mtime\":\"-5\",\"targetBytes\":\"6Q==\"}"));
        FileSetManifest.Parse(manifest.ToBytes(), out _)!.Entries.Should().BeEquivalentTo(manifest.Entries, o => o.WithStrictOrdering());
    }

    [Fact]
    public void The_smallest_manifest_is_read() =>
        FileSetManifest.Parse(Encoding.UTF8.GetBytes(Text(File("a"))), out _).Should().NotBeNull("the refusals below must have another reason");

    public static TheoryData<string, string> Malformed() => new()
    {
        { "empty", "" },
        { "not JSON", "hello" },
        { "null", "null" },
        { "another schema", Text(File("a")).Replace("v1", "v2", StringComparison.Ordinal) },
        { "a space more", Text(File("a")).Replace("\"size\":1", "\"size\": 1", StringComparison.Ordinal) },
        { "no line break at the end", Text(File("a")).TrimEnd() },
        { "something behind", Text(File("a")) + "{}" },
        { "an unknown member", Text(File("a"), ",\"x\":1") },
        { "an unknown member of an entry", Text(File("a", ",\"x\":1")) },
        { "a member twice", Text(File("a", ",\"size\":1")) },
        { "a path twice", Text(File("a") + "," + File("a")) },
        { "paths out of order", Text(File("b") + "," + File("a")) },
        { "no path", Text(File("a")).Replace("\"path\":\"a\",", "", StringComparison.Ordinal) },
        { "an empty path", Text(File("")) },
        { "a path of 64 KiB", Text(File(new string('a', 65_536))) },
        { "an unknown kind", Text(File("a")).Replace("\"file\"", "\"fifo\"", StringComparison.Ordinal) },
        { "no size", Text(File("a")).Replace("\"size\":1,", "", StringComparison.Ordinal) },
        { "a negative size", Text(File("a")).Replace("\"size\":1", "\"size\":-1", StringComparison.Ordinal) },
        { "a size beyond reason", Text(File("a")).Replace("\"size\":1", "\"size\":9223372036854775807", StringComparison.Ordinal) },
        { "a short hash", Text(File("a")).Replace(Zeros, Zeros[2..], StringComparison.Ordinal) },
        { "an upper-case hash", Text(File("a")).Replace(Zeros, Zeros[1..] + "A", StringComparison.Ordinal) },
        { "a mode that is none", Text(File("a", ",\"mode\":\"0999\"")) },
        { "a time that is none", Text(File("a", ",\"mtime\":\"yesterday\"")) },
        { "a file with a target", Text(File("a", ",\"target\":\"b\"")) },
        { "a link without target", Text("\n{\"path\":\"a\",\"kind\":\"symlink\"}") },
        { "a folder with a size", Text("\n{\"path\":\"a\",\"kind\":\"directory\",\"size\":1}") },
        { "text written as bytes", Text(File("a")).Replace("\"path\":\"a\"", "\"pathBytes\":\"YQ==\"", StringComparison.Ordinal) },
        { "half a surrogate pair", Text(File("\\ud800")) },
        { "a needless escape", Text(File("\\u0061")) },
        { "an id that is none", Text(File("a")).Replace(SealedSet.Id, "../../../../../../../../../../x.", StringComparison.Ordinal) },
        { "a date that is none", Text(File("a")).Replace("2026-11-21", "2026-13-21", StringComparison.Ordinal) },
        { "a key that is none", Text(File("a")).Replace("AQI=", "!", StringComparison.Ordinal) },
        { "one file with two contents", Text(File("a", ",\"linkGroup\":1") + "," + File("b", ",\"linkGroup\":1").Replace("\"size\":1", "\"size\":2", StringComparison.Ordinal)) },
        { "entries that are null", Text("\nnull") },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_manifest_that_is_malformed_is_refused_however_well_signed(string defect, string text)
    {
        FileSetManifest.Parse(Encoding.UTF8.GetBytes(text), out var refusal).Should().BeNull(defect);
        refusal.Should().NotBeEmpty();

        using var set = new SealedSet();
        set.SealBytes(Encoding.UTF8.GetBytes(text));
        var report = await set.VerifyAsync();
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1202");
    }

    [Fact]
    public void Every_name_made_of_bytes_survives()
    {
        var random = new Random(12);
        for (var i = 0; i < 500; i++)
        {
            var path = new byte[random.Next(1, 40)];
            random.NextBytes(path);
            var manifest = new FileSetManifest(SealedSet.Id, SealedSet.SealedAt, [1], [new FileSetEntry(path, FileSetKind.File) { Sha256 = SHA256.HashData(path) }]);
            FileSetManifest.Parse(manifest.ToBytes(), out var refusal).Should().NotBeNull(refusal);
            FileSetManifest.Parse(manifest.ToBytes(), out _)!.Entries[0].Path.Should().Equal(path);
        }
    }
}
