using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.Postgres;
using BackupGuard.Verification.Tests.Borg;
using BackupGuard.Verification.Tests.Coverage;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks;

/// <summary>Secrets that lie readable in plain copies: found in every format that keeps none, and said again while the object is not read anew.</summary>
public sealed class SecretMemoryTests : IDisposable
{
    private const string PrivateKey = "-----BEGIN RSA PRIVATE KEY-----\nsample\n";
    private readonly string folder = Directory.CreateTempSubdirectory("bg-secrets-").FullName;
    private readonly MemoryLedger memory = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<string[]> SecretsAsync(IBackupRepository repository, ReadData readData)
    {
        var report = await repository.VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, Workers = 2, ReadData = readData, Memory = memory }, null, CancellationToken.None);
        return [.. report.Findings.Where(f => f.Code == "BG4033").Select(f => f.Subject).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task The_secret_of_a_sealed_set_stays_until_its_file_is_read_clean()
    {
        using var set = SealedSet.Folder();
        set.Store["id_rsa"] = Encoding.ASCII.GetBytes(PrivateKey);
        set.Seal(set.FilesOf("a.txt", "id_rsa"));
        (await SecretsAsync(set.Open(), ReadData.All)).Should().Equal("id_rsa");
        (await SecretsAsync(set.Open(), ReadData.None)).Should().Equal("id_rsa");
        set.Store["id_rsa"] = "nothing any more"u8.ToArray();
        set.Seal(set.FilesOf("a.txt", "id_rsa"));
        (await SecretsAsync(set.Open(), ReadData.None)).Should().Equal((string[])["id_rsa"], "that it changed makes nothing clean before somebody looked");
        (await SecretsAsync(set.Open(), ReadData.All)).Should().BeEmpty();
        (await SecretsAsync(set.Open(), ReadData.None)).Should().BeEmpty();
    }

    [Fact]
    public async Task The_secret_of_a_sealed_set_goes_with_its_file()
    {
        using var set = SealedSet.Folder();
        set.Store["id_rsa"] = Encoding.ASCII.GetBytes(PrivateKey);
        set.Seal(set.FilesOf("a.txt", "id_rsa"));
        (await SecretsAsync(set.Open(), ReadData.All)).Should().NotBeEmpty();
        set.Store.Remove("id_rsa");
        set.Seal(set.FilesOf("a.txt"));
        (await SecretsAsync(set.Open(), ReadData.None)).Should().BeEmpty();
    }

    [Fact]
    public async Task Keys_settings_and_role_passwords_of_a_base_backup_are_found_and_remembered()
    {
        var store = new MemoryStore();
        store["PG_VERSION"] = "15\n"u8.ToArray();
        store["server.key"] = Encoding.ASCII.GetBytes(PrivateKey);
        store["postgresql.auto.conf"] = "primary_conninfo = 'user=repl password=sample host=10.0.0.1'\n"u8.ToArray();
        store["global/1260"] = "page SCRAM-SHA-256$4096:sample"u8.ToArray();
        store["base/5/16384"] = Encoding.ASCII.GetBytes(PrivateKey);
        var files = string.Join(",\n", store.Names.Select(n => $"{{ \"Path\": \"{n}\", \"Size\": {store[n].Length}, \"Last-Modified\": \"2026-11-20 01:02:03 GMT\", \"Checksum-Algorithm\": \"SHA256\", \"Checksum\": \"{Convert.ToHexStringLower(SHA256.HashData(store[n]))}\" }}"));
        var manifest = "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n" + files + "\n],\n\"WAL-Ranges\": [\n{ \"Timeline\": 1, \"Start-LSN\": \"0/2000028\", \"End-LSN\": \"0/2000100\" }\n],\n";
        store["backup_manifest"] = Encoding.ASCII.GetBytes($"{manifest}\"Manifest-Checksum\": \"{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(manifest)))}\"}}\n");
        string[] expected = ["global/1260", "postgresql.auto.conf", "server.key"];
        (await SecretsAsync(new PostgresRepository(store), ReadData.All)).Should().Equal(expected, "tables of the hospital's own are not looked through");
        (await SecretsAsync(new PostgresRepository(store), ReadData.None)).Should().Equal(expected);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("authenticated")]
    public async Task A_plain_Borg_repository_names_the_file_when_it_reads_it_and_its_segment_afterwards(string mode)
    {
        using var borg = new BorgTool();
        var (source, repository) = (Directory.CreateDirectory(Path.Combine(folder, "source")).FullName, Path.Combine(folder, "repository"));
        File.WriteAllText(Path.Combine(source, "id_rsa"), PrivateKey);
        File.WriteAllText(Path.Combine(source, ".pgpass"), "localhost:5432:*:sample:sample\n");
        File.WriteAllText(Path.Combine(source, "letter"), "nothing of interest");
        borg.Must(folder, "init", "-e", mode, repository);
        borg.Must(source, "create", $"{repository}::one", ".");
        (await SecretsAsync(BorgForge.Open(MemoryStore.Of(repository)), ReadData.All)).Should().Equal(".pgpass", "id_rsa");
        var later = await SecretsAsync(BorgForge.Open(MemoryStore.Of(repository)), ReadData.None);
        later.Should().HaveCount(2, "two kinds of secrets").And.OnlyContain(s => s.StartsWith("data/0/", StringComparison.Ordinal));
        (await SecretsAsync(BorgForge.Open(MemoryStore.Of(repository)), ReadData.All)).Should().Equal(".pgpass", "id_rsa");
    }

    [Fact]
    public async Task An_encrypted_Borg_repository_is_not_looked_through()
    {
        using var borg = new BorgTool();
        var (source, repository) = (Directory.CreateDirectory(Path.Combine(folder, "source")).FullName, Path.Combine(folder, "repository"));
        File.WriteAllText(Path.Combine(source, "id_rsa"), PrivateKey);
        borg.Must(folder, "init", "-e", "repokey", repository);
        borg.Must(source, "create", $"{repository}::one", ".");
        (await SecretsAsync(BorgForge.Open(MemoryStore.Of(repository)), ReadData.All)).Should().BeEmpty();
    }
}
