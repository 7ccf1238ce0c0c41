using System.Globalization;
using System.Runtime.Versioning;
using BackupGuard.Agent.Config;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Drills;

/// <summary>A fresh folder for one drill: <c>drill-NAME-UUID</c> with a marker, and below it <c>restored</c>.</summary>
/// <remarks>
/// The marker is held open and locked while the drill lives, and is the last thing to go: whatever a killed process left is found by its marker, and a folder
/// whose drill still lives is never touched.
/// </remarks>
/// <param name="visible">Full paths that the definition names (programs of command probes): shown in the room, read-only.</param>
internal sealed class DirectorySandbox(SandboxSettings settings, string drill, string repositoryAddress, IReadOnlyList<string> visible, Func<string, IRestoreTarget> createTarget, TimeProvider clock)
    : IDrillSandbox, IDisposable
{
    internal const string Marker = ".backupguard-drill";

    private readonly string _folder = Path.Combine(settings.Folder, $"drill-{drill}-{Guid.CreateVersion7(clock.GetUtcNow()):N}");
    private FileStream? _lock;
    private Task<IDrillRoom>? _room;

    /// <summary>Where the restored files are, and where command probes work.</summary>
    public string Restored => Path.Combine(_folder, "restored");

    private string Scratch => Path.Combine(_folder, "scratch");

    public IRestoredFiles Files => new RestoredFolder(Restored);

    public IDamage? Damage => OperatingSystem.IsLinux() ? new RestoredDamage(Restored) : null;

    public long? FreeBytes
    {
        get
        {
            try
            {
                var free = new DriveInfo(settings.Folder).AvailableFreeSpace;
                return settings.QuotaBytes is { } quota ? Math.Min(free, quota - FolderSize.Of(_folder)) : free;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    public async ValueTask<IDrillRoom> RoomAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux()) throw new SandboxException("this system has no room without network: restored software is not started here");
        // One for all questions; a room that could not be made is not tried again within the drill.
        return await (_room ??= CreateRoomAsync(cancellationToken));
    }

    [SupportedOSPlatform("linux")]
    private async Task<IDrillRoom> CreateRoomAsync(CancellationToken cancellationToken)
    {
        try
        {
            CreatePrivate(Scratch);
            return await BubblewrapRoom.CreateAsync(Restored, Scratch, visible, clock, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"no room could be made: {e.Message}", e);
        }
    }

    public ValueTask<IRestoreTarget> PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            CreatePrivate(settings.Folder);
            if (Refusal(settings.Folder, repositoryAddress) is { } refusal) throw new SandboxException(refusal);
            CreatePrivate(_folder);
            _lock = new FileStream(Path.Combine(_folder, Marker), FileMode.CreateNew, FileAccess.Write, FileShare.None);
            CreatePrivate(Restored);
            return ValueTask.FromResult<IRestoreTarget>(new SandboxTarget(createTarget(Restored), settings.QuotaBytes, FreeBytes, isOurs: settings.OwnsFiles));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RestoreException)
        {
            throw new SandboxException($"{settings.Folder}: {e.Message}", e);
        }
    }

    public async ValueTask<string?> CleanUpAsync()
    {
        if (_room is { IsCompletedSuccessfully: true } room) await (await room).DisposeAsync();
        _lock?.Dispose();
        return Path.Exists(_folder) ? TryRemove(_folder) : null;
    }

    public void Dispose() => _lock?.Dispose();

    /// <summary>Removes what killed drills left in that folder.</summary>
    /// <returns>The name of each folder found, and why it could not be removed, or null.</returns>
    public static List<(string Folder, string? Left)> RemoveLeftovers(string parent)
    {
        var found = new List<(string, string?)>();
        if (!Directory.Exists(parent)) return found;
        foreach (var folder in Directory.EnumerateDirectories(parent, "drill-*").Order(StringComparer.Ordinal).ToList())
        {
            if ((File.GetAttributes(folder) & FileAttributes.ReparsePoint) != 0) continue;
            if (IsEmpty(folder) || IsAbandoned(folder)) found.Add((folder, TryRemove(folder)));
        }
        return found;
    }

    /// <summary>Why this folder must not hold sandboxes, or null: something would be restored beside, or into, what must not be touched.</summary>
    public static string? Refusal(string sandbox, string repositoryAddress)
    {
        var full = Real(sandbox);
        if (Path.GetPathRoot(full) == full) return $"{sandbox} is the root of a disk; name a folder made for drills";
        if (IsHome(full)) return $"{sandbox} is a home folder; name a folder made for drills";
        var location = repositoryAddress[(repositoryAddress.IndexOf(':', StringComparison.Ordinal) + 1)..];
        if (Path.IsPathFullyQualified(location) && (full + Path.DirectorySeparatorChar).StartsWith(Real(location) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return $"{sandbox} lies inside the repository {location}; name a folder outside of it";
        if (OperatingSystem.IsLinux() && Directory.Exists(full) && UnixFolder.StatusOf(full).UserId != UnixFolder.CurrentUser())
            return $"{sandbox} belongs to another user; name a folder that belongs to the agent's account";
        return null;
    }

    private static string Real(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Directory.Exists(full) && new DirectoryInfo(full).ResolveLinkTarget(returnFinalTarget: true) is { } target ? target.FullName : full;
    }

    private static bool IsHome(string full) =>
        full == Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) || full is "/root" or "/home" || Path.GetDirectoryName(full) is "/home";

    // The restored data are as secret as the originals: nobody else may look.
    internal static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool IsEmpty(string folder) => !Directory.EnumerateFileSystemEntries(folder).Any();

    private static bool IsAbandoned(string folder)
    {
        try
        {
            using var free = new FileStream(Path.Combine(folder, Marker), FileMode.Open, FileAccess.Write, FileShare.None);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return false;    // held by a drill that lives
        }
    }

    private static string? TryRemove(string folder)
    {
        try
        {
            Remove(Path.Combine(folder, "restored"));
            Remove(Path.Combine(folder, "scratch"));
            File.Delete(Path.Combine(folder, Marker));
            Directory.Delete(folder);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{folder}: {e.Message}");
        }
    }

    private static void Remove(string folder)
    {
        if (!Path.Exists(folder)) return;
        if (OperatingSystem.IsLinux())
        {
            // The restore gave it the mode and owner of the backup's root (see UnixFolder.RemoveContents).
            File.SetUnixFileMode(folder, (UnixFileMode)0x1FF);
            using (var open = UnixFolder.Open(folder)) open.RemoveContents();
            Directory.Delete(folder);
            return;
        }
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", all)) file.Attributes = FileAttributes.Normal;
        Directory.Delete(folder, recursive: true);
    }
}
