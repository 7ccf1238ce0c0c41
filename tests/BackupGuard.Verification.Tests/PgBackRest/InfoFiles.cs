using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.PgBackRest;
using BackupGuard.Verification.Tests.Corpus;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.PgBackRest;

/// <summary>Manifests that somebody wrote with a right checksum. A checksum without a key keeps nobody from that.</summary>
public sealed class InfoFiles
{
    private const string Label = "20240116-020000F";

    private static readonly string[] Real = File.ReadAllText(Path.Combine(Vector.BaseFolder("pgbackrest", "small"), "backup/demo", Label, "backup.manifest")).Split('\n');

    /// <summary>The same lines with a right checksum, by another way of counting than the reader's.</summary>
    private static byte[] Sealed(IEnumerable<string> lines)
    {
        var kept = lines.Where(l => !l.StartsWith("backrest-checksum=", StringComparison.Ordinal) && l.Length > 0).ToList();
        if (kept[^1] == "[backrest]") kept.RemoveAt(kept.Count - 1);
        var sections = new List<string>();
        foreach (var line in kept)
        {
            if (line.StartsWith('[')) sections.Add($"\"{line[1..^1]}\":{{");
            else sections[^1] += $"{(sections[^1].EndsWith('{') ? "" : ",")}\"{line[..line.IndexOf('=')]}\":{line[(line.IndexOf('=') + 1)..]}";
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.UTF8.GetBytes("{" + string.Join("},", sections) + "}}"));
        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        return Encoding.UTF8.GetBytes(string.Join('\n', kept) + $"\n\n[backrest]\nbackrest-checksum=\"{digest}\"\n");
    }

    private static byte[] With(string right, string wrong) => Sealed(Real.Select(l => l.Replace(right, wrong, StringComparison.Ordinal)));

    [Fact]
    public void What_pgBackRest_wrote_is_read_and_its_checksum_is_ours()
    {
        var manifest = StoredManifest.Read(Sealed(Real), Label);
        manifest.Files.Should().Contain(f => f.Name == "pg_data/PG_VERSION" && f.Size == 3);
        (manifest.ArchiveId, manifest.Extension, manifest.Major).Should().Be(("15-1", ".gz", 15));
        WalArchive.NeededBy(manifest).Should().NotBeEmpty("segments of 1 MiB are recognised by position and name");
    }

    [Theory]
    [InlineData("pg_data/PG_VERSION=", "pg_data/../../etc/PG_VERSION=", "no place in a cluster")]
    [InlineData("pg_data/PG_VERSION=", "/etc/PG_VERSION=", "no place in a cluster")]
    [InlineData("\"size\":3,", "\"size\":-3,", "no number that can be")]
    [InlineData("\"size\":3,", "\"size\":9223372036854775807,", "no number that can be")]
    [InlineData("\"size\":3,", "\"size\":3,\"size\":3,", "no key with a value")]
    [InlineData("\"size\":3,", "\"reference\":\"../../x\",\"size\":3,", "no backup's name")]
    [InlineData("\"size\":3,", "\"reference\":7,\"size\":3,", "not known")]
    [InlineData("\"size\":3,", "\"reference\":\"\\ud800\",\"size\":3,", "")]
    [InlineData("backup-label=\"20240116", "backup-label=\"20240117", "it is the manifest of")]
    [InlineData("option-compress-type=\"gz\"", "option-compress-type=\"rar\"", "its compression rar is not known")]
    [InlineData("db-version=\"15\"", "db-version=\"x\"", "none of PostgreSQL")]
    [InlineData("backup-type=\"full\"", "backup-type=full", "no key with a value")]
    public void What_cannot_be_is_damage_and_never_a_crash(string right, string wrong, string reason) =>
        FluentActions.Invoking(() => StoredManifest.Read(With(right, wrong), Label)).Should().Throw<InvalidDataException>().WithMessage($"*{reason}*");

    [Fact]
    public void A_change_without_a_new_checksum_shows() =>
        FluentActions.Invoking(() => StoredManifest.Read(Encoding.UTF8.GetBytes(string.Join('\n', Real).Replace("\"size\":3,", "\"size\":4,", StringComparison.Ordinal)), Label))
            .Should().Throw<InvalidDataException>().WithMessage("*its own checksum*");
}
