using BackupGuard.Agent.Stores;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores;

/// <summary>The folder of a plain PostgreSQL backup with the links that PostgreSQL makes, and with links that somebody else made.</summary>
public sealed class PostgresFolders : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bg-pgstore-").FullName;
    private readonly string outside = Directory.CreateTempSubdirectory("bg-pgspace-").FullName;

    public PostgresFolders()
    {
        Write(folder, "PG_VERSION", "15\n");
        Write(outside, "PG_15_202209061/5/16390", "rows");
        Write(outside, "patients.txt", "not of PostgreSQL");
        Write(outside, "000000010000000000000001", "wal");
        Write(outside, "00000002.history", "history");
        Directory.CreateDirectory(Path.Combine(folder, "pg_tblspc"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "pg_tblspc/16384"), outside);
        Directory.CreateSymbolicLink(Path.Combine(folder, "pg_wal"), outside);
        Directory.CreateSymbolicLink(Path.Combine(folder, "base"), outside);
        Directory.CreateSymbolicLink(Path.Combine(folder, "pg_tblspc/16385"), Path.Combine(outside, "gone"));
    }

    public static TheoryData<string> Rules() => [.. StoreContract.Rules.Select(r => r.Sentence)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task It_keeps_the_contract_of_stores(string rule)
    {
        var found = await StoreContract.TryAsync(StoreContract.Rules.Single(r => r.Sentence == rule), new PostgresFolderStore(folder), new FolderScratch(folder, new ScratchPrefix("run1")), CancellationToken.None);
        found.Should().BeNull();
    }

    [Fact]
    public async Task Links_of_PostgreSQL_are_followed_to_names_of_PostgreSQL_and_no_other_link_is()
    {
        var store = new PostgresFolderStore(folder);
        (await NamesAsync(store, "")).Should().BeEquivalentTo("PG_VERSION", "base", "pg_tblspc/16385", "pg_tblspc/16384/PG_15_202209061/5/16390", "pg_wal/000000010000000000000001", "pg_wal/00000002.history");
        (await NamesAsync(store, "pg_tblspc/16384/PG_")).Should().Equal("pg_tblspc/16384/PG_15_202209061/5/16390");
        await using (var reader = await store.OpenAsync("pg_tblspc/16384/PG_15_202209061/5/16390", CancellationToken.None)) reader.LengthBytes.Should().Be(4);
        foreach (var name in (string[])["pg_tblspc/16384/patients.txt", "pg_wal/patients.txt", "pg_tblspc/16385/PG_15_202209061/5/1", "base/patients.txt"])
        {
            var opening = async () => await store.OpenAsync(name, CancellationToken.None);
            (await opening.Should().ThrowAsync<StoreException>(name)).Which.Failure.Should().BeOneOf([StoreFailure.NotFound, StoreFailure.Denied], name);
        }
    }

    private static async Task<List<string>> NamesAsync(PostgresFolderStore store, string prefix)
    {
        var names = new List<string>();
        await foreach (var item in store.ListAsync(prefix, CancellationToken.None)) names.Add(item.Name);
        return names;
    }

    private static void Write(string under, string name, string text)
    {
        var path = Path.Combine(under, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        Directory.Delete(outside, recursive: true);
    }
}
