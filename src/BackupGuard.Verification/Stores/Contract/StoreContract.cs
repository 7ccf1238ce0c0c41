using System.Security.Cryptography;

namespace BackupGuard.Verification.Stores.Contract;

/// <summary>What every store must do, one sentence a rule, tried on the store itself. The tests run it over every store and decorator, and a hospital over its own.</summary>
public static class StoreContract
{
    /// <summary>More objects than one page of any store's listing (S3: 1,000; Azure Blob: 5,000 asked, fewer given).</summary>
    private const int MoreThanAPage = 1_050;

    public static IReadOnlyList<StoreRule> Rules { get; } =
    [
        new("An object that was written is listed once, with its length", async (t, ct) =>
        {
            await t.PutAsync("one", [1, 2, 3], ct);
            var found = await t.ListAsync("", ct);
            Must(found.Count(o => o.Name == t.Full("one")) == 1, "it was not listed exactly once");
            Must(found.Single(o => o.Name == t.Full("one")).LengthBytes == 3, "its length was not 3");
        }),
        new("A prefix is matched as text, not as a folder", async (t, ct) =>
        {
            foreach (var name in (string[])["pre/a", "prefix", "pre0", "other"]) await t.PutAsync(name, [7], ct);
            Names(await t.ListAsync("pre", ct), t, "pre/a", "pre0", "prefix");
            Names(await t.ListAsync("pre/", ct), t, "pre/a");
        }),
        new("A prefix under which nothing lies gives an empty listing", async (t, ct) => Names(await t.ListAsync("nothing/here", ct), t)),
        new("A listing goes into the depth", async (t, ct) =>
        {
            await t.PutAsync("d/e/e/p", [1], ct);
            await t.PutAsync("d/top", [1], ct);
            Names(await t.ListAsync("d/", ct), t, "d/e/e/p", "d/top");
        }),
        new("A listing of more than a page gives every object exactly once", async (t, ct) =>
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, MoreThanAPage), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = ct },
                async (i, token) => await t.PutAsync($"many/{i:00000}", [1], token));
            Names(await t.ListAsync("many/", ct), t, [.. Enumerable.Range(0, MoreThanAPage).Select(i => $"many/{i:00000}")]);
        }),
        new("Names with spaces, accents and signs come back as they were written", async (t, ct) =>
        {
            string[] names = ["sp ace", "été", "a+b", "c%20d", "e#f", "g&h=i", "j'k", "l~m", "UPPER", "upper"];
            foreach (var (name, i) in names.Select((n, i) => (n, i))) await t.PutAsync($"odd/{i}/{name}", [(byte)i], ct);
            Names(await t.ListAsync("odd/", ct), t, [.. names.Select((n, i) => $"odd/{i}/{n}")]);
            foreach (var (name, i) in names.Select((n, i) => (n, i))) Same(await t.ReadAllAsync($"odd/{i}/{name}", ct), [(byte)i], name);
        }),
        new("What is read is what was written, whole and in pieces", async (t, ct) =>
        {
            var bytes = RandomNumberGenerator.GetBytes(3_000_017);
            await t.PutAsync("big", bytes, ct);
            Same(await t.ReadAllAsync("big", ct), bytes, "read in pieces from the beginning");
            await using var reader = await t.Store.OpenAsync(t.Full("big"), ct);
            Must(reader.LengthBytes == bytes.Length, $"its length was {reader.LengthBytes}, not {bytes.Length}");
            foreach (var (offset, count) in ((int, int)[])[(2_999_990, 27), (0, 10), (1_500_000, 70_000), (1_500_000, 70_000), (5, 1), (1_570_000, 1_000_000)])
            {
                var piece = new byte[count];
                Must(await reader.ReadAsync(offset, piece, ct) == count, $"a read of {count} bytes at {offset} was short");
                Same(piece, bytes.AsSpan(offset, count), $"{count} bytes at {offset}");
            }
        }),
        new("A read is short only at the end, and empty past it", async (t, ct) =>
        {
            await t.PutAsync("short", [1, 2, 3, 4, 5], ct);
            await using var reader = await t.Store.OpenAsync(t.Full("short"), ct);
            var buffer = new byte[10];
            Must(await reader.ReadAsync(3, buffer, ct) == 2 && buffer[0] == 4 && buffer[1] == 5, "a read over the end did not give the two last bytes");
            Must(await reader.ReadAsync(5, buffer, ct) == 0, "a read at the end gave bytes");
            Must(await reader.ReadAsync(1_000_000, buffer, ct) == 0, "a read past the end gave bytes");
            Must(await reader.ReadAsync(0, Memory<byte>.Empty, ct) == 0, "a read of nothing gave bytes");
        }),
        new("An empty object is listed, opened and empty", async (t, ct) =>
        {
            await t.PutAsync("empty", [], ct);
            Must((await t.ListAsync("empty", ct)).Single().LengthBytes == 0, "it was not listed with length 0");
            Must((await t.ReadAllAsync("empty", ct)).Length == 0, "it gave bytes");
        }),
        new("Several readers of one object do not disturb each other", async (t, ct) =>
        {
            var bytes = RandomNumberGenerator.GetBytes(400_000);
            await t.PutAsync("shared", bytes, ct);
            await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => Same(await t.ReadAllAsync("shared", ct, 10_007), bytes, "read beside others")));
        }),
        new("Opening what is not there is NotFound", async (t, ct) => await FailsAsync(StoreFailure.NotFound, t.Full("absent"), async () => await (await t.Store.OpenAsync(t.Full("absent"), ct)).DisposeAsync())),
        new("Opening a folder is NotFound or Denied", async (t, ct) =>
        {
            await t.PutAsync("folder/inside", [1], ct);
            try
            {
                await (await t.Store.OpenAsync(t.Full("folder"), ct)).DisposeAsync();
            }
            catch (StoreException e) when (e.Failure is StoreFailure.NotFound or StoreFailure.Denied)
            {
                return;
            }
            Must(false, "it was opened");
        }),
        new("An object that was removed is gone from the listing and from opening", async (t, ct) =>
        {
            await t.PutAsync("gone", [1], ct);
            await t.RemoveAsync("gone", ct);
            Names(await t.ListAsync("gone", ct), t);
            await FailsAsync(StoreFailure.NotFound, t.Full("gone"), async () => await (await t.Store.OpenAsync(t.Full("gone"), ct)).DisposeAsync());
        }),
        new("An object that was written again gives the new bytes", async (t, ct) =>
        {
            await t.PutAsync("twice", [1], ct);
            await t.PutAsync("twice", [2, 2], ct);
            Same(await t.ReadAllAsync("twice", ct), [2, 2], "the second writing");
        }),
        new("The versions hold each object of the listing once as current", async (t, ct) =>
        {
            await t.PutAsync("v/a", [1], ct);
            await t.PutAsync("v/b", [1, 2], ct);
            await t.PutAsync("v/b", [1, 2, 3], ct);
            await t.PutAsync("v/c", [1], ct);
            await t.RemoveAsync("v/c", ct);
            var versions = await t.VersionsAsync("v/", ct);
            var current = versions.Where(v => v is { IsCurrent: true, IsDeleteMarker: false }).ToList();
            Must(current.Select(v => v.Name).Order(StringComparer.Ordinal).SequenceEqual([t.Full("v/a"), t.Full("v/b")]), $"current were {string.Join(", ", current.Select(v => v.Name))}");
            Must(current.Single(v => v.Name == t.Full("v/b")).LengthBytes == 3, "the current version was not the last one written");
            var hidden = versions.Where(v => v.Name == t.Full("v/c")).ToList();
            Must(hidden.Count == 0 || hidden.Any(v => v is { IsDeleteMarker: true, IsCurrent: true }) || hidden.All(v => !v.IsCurrent), "a removed object still has a current version");
            Must(versions.GroupBy(v => (v.Name, v.Version)).All(g => g.Count() == 1), "a version was listed twice");
        }),
        new("The lock of an object is told without reading it, and that of an absent one is NotFound", async (t, ct) =>
        {
            await t.PutAsync("lock", [1], ct);
            var version = (await t.VersionsAsync("lock", ct)).Single(v => v.IsCurrent);
            var held = await t.Store.LockAsync(version.Name, version.Version, ct);
            Must(held.Mode is LockMode.Unknown or LockMode.None or LockMode.Attribute || held.RetainUntil is not null, "a lock until a date was told without the date");
            await FailsAsync(StoreFailure.NotFound, t.Full("absent"), async () => await t.Store.LockAsync(t.Full("absent"), "", ct));
        }),
        new("A cancelled look stops with a cancellation", async (t, ct) =>
        {
            await t.PutAsync("cancel", new byte[100], ct);
            using var source = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await source.CancelAsync();
            try
            {
                await using var reader = await t.Store.OpenAsync(t.Full("cancel"), source.Token);
                await reader.ReadAsync(0, new byte[10], source.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            Must(false, "it went on");
        }),
        new("A name that leaves the store is refused before anything is asked", async (t, ct) =>
        {
            foreach (var name in (string[])["../x", "/etc/passwd", "a/../../x", "", "a//b", "./a"])
            {
                try
                {
                    await (await t.Store.OpenAsync(name, ct)).DisposeAsync();
                }
                catch (ArgumentException)
                {
                    continue;
                }
                Must(false, $"'{name}' was accepted");
            }
        }),
    ];

    /// <summary>Tries one rule in a part of the scratch of its own.</summary>
    /// <returns>Null when the store keeps it, else what it did.</returns>
    public static async Task<string?> TryAsync(StoreRule rule, IBackupStore store, IStoreScratch scratch, CancellationToken cancellationToken)
    {
        var number = Rules.Index().First(r => ReferenceEquals(r.Item, rule)).Index;
        try
        {
            await rule.Check(new StoreUnderTest(store, scratch, $"r{number}/"), cancellationToken);
            return null;
        }
        catch (RuleBrokenException e)
        {
            return e.Message;
        }
        catch (StoreException e)
        {
            return $"{e.Failure} for {e.ObjectName}: {e.Message}";
        }
    }

    internal static void Must(bool holds, string otherwise)
    {
        if (!holds) throw new RuleBrokenException(otherwise);
    }

    private static void Same(ReadOnlySpan<byte> found, ReadOnlySpan<byte> expected, string what) =>
        Must(found.SequenceEqual(expected), $"{what}: {found.Length} bytes came back, {expected.Length} were written, and they differ");

    private static void Names(IReadOnlyCollection<StoredObject> found, StoreUnderTest test, params string[] expected)
    {
        var names = found.Select(o => o.Name).Order(StringComparer.Ordinal).ToList();
        var wanted = expected.Select(test.Full).Order(StringComparer.Ordinal).ToList();
        Must(names.SequenceEqual(wanted), $"{names.Count} names were listed ({string.Join(", ", names.Except(wanted).Take(3))} too many; {string.Join(", ", wanted.Except(names).Take(3))} missing)");
    }

    private static async Task FailsAsync(StoreFailure failure, string name, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (StoreException e)
        {
            Must(e.Failure == failure, $"it failed as {e.Failure}, not {failure}");
            Must(e.ObjectName == name, $"the failure names '{e.ObjectName}', not '{name}'");
            return;
        }
        Must(false, $"nothing failed, {failure} was due");
    }
}

/// <param name="Sentence">What the store must do.</param>
public sealed record StoreRule(string Sentence, Func<StoreUnderTest, CancellationToken, Task> Check)
{
    public override string ToString() => Sentence;
}

/// <summary>A store and the corner of it in which one rule is tried.</summary>
public sealed class StoreUnderTest(IBackupStore store, IStoreScratch scratch, string corner)
{
    public IBackupStore Store => store;

    public string Full(string name) => scratch.Prefix.Text + corner + name;

    public ValueTask PutAsync(string name, byte[] content, CancellationToken cancellationToken) => scratch.PutAsync(scratch.Prefix.Name(corner + name), content, cancellationToken);

    public ValueTask RemoveAsync(string name, CancellationToken cancellationToken) => scratch.RemoveAsync(scratch.Prefix.Name(corner + name), cancellationToken);

    public async Task<List<StoredObject>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var found = new List<StoredObject>();
        await foreach (var item in store.ListAsync(Full(prefix), cancellationToken)) found.Add(item);
        return found;
    }

    public async Task<List<StoredVersion>> VersionsAsync(string prefix, CancellationToken cancellationToken)
    {
        var found = new List<StoredVersion>();
        await foreach (var item in store.ListVersionsAsync(Full(prefix), cancellationToken)) found.Add(item);
        return found;
    }

    public async Task<byte[]> ReadAllAsync(string name, CancellationToken cancellationToken, int pieceBytes = 65_536)
    {
        await using var reader = await store.OpenAsync(Full(name), cancellationToken);
        var bytes = new byte[reader.LengthBytes];
        for (var offset = 0; offset < bytes.Length;)
        {
            var read = await reader.ReadAsync(offset, bytes.AsMemory(offset, Math.Min(pieceBytes, bytes.Length - offset)), cancellationToken);
            StoreContract.Must(read > 0, $"the object ended at {offset} of {bytes.Length} bytes");
            offset += read;
        }
        return bytes;
    }
}

internal sealed class RuleBrokenException(string message) : Exception(message);
