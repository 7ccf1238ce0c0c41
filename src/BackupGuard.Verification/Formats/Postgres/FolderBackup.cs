using System.Text;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>A backup in plain format: the data directory as it was.</summary>
internal sealed class FolderBackup : BackupSource
{
    private readonly HashSet<string> names;

    private FolderBackup(IBackupStore store, IReadOnlyList<BackupObject> objects) : base(store, objects) => names = [.. objects.Select(o => o.Name)];

    public override string Form => "plain folder";
    public override bool AreArchives => false;

    public static FolderBackup Of(IBackupStore store, BackupListing listing) => new(store, [.. listing.Objects.Values]);

    public override string? HolderOf(string path) => names.Contains(path) ? path : null;

    public override async Task ReadAsync(BackupObject @object, Func<BackupFile, CancellationToken, ValueTask<bool>> visit, CancellationToken cancellationToken)
    {
        await using var reader = await Store.OpenAsync(@object.Name, cancellationToken);
        await visit(new BackupFile(Encoding.UTF8.GetBytes(@object.Name), reader.LengthBytes, new ObjectStream(reader)), cancellationToken);
    }
}
