using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Stores;

/// <summary>Plants, attacks and removes canaries in a folder of this Linux machine: the attacks with the rights of the account under test, the rest with those of this process.</summary>
/// <remarks>
/// No member takes a name as text. Every folder is opened beneath the one above it, through no link and onto no other file system (openat2(2)); a file's bytes and attribute are touched only through a handle
/// that was compared with the file that was created here, so that a hard link put in its place leads to nothing.
/// </remarks>
internal sealed partial class FolderCanaries(string root, LocalAccount account) : IFolderUnderTest, IFolderKeeper, IDisposable
{
    private const long OpenAt2 = 437;
    private const int CurrentFolder = -100, RemoveFolder = 0x200, EmptyPath = 0x1000, NoFollow = 0x100, BasicStatus = 0x7FF;
    private const ulong ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Create = 0x40, Exclusive = 0x80, NonBlocking = 0x800, CloseOnExec = 0x80000, PathOnly = 0x200000;
    private const ulong SameDevice = 0x01, NoMagicLinks = 0x02, NoSymbolicLinks = 0x04, Below = 0x08;
    private const int NotPermitted = 1, NotThere = 2, InputOutput = 5, Denied = 13, IsThere = 17, ReadOnlyMount = 30, NotTheSame = 116;
    private const int MayWrite = 2, MayEnter = 1;
    private const int LargestCanary = 64 * 1024;

    /// <summary>What an attack puts beside the canary, or renames it to.</summary>
    private const string Renamed = "renamed", Other = "other";

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags, Mode, Resolve;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int open(string path, int flags);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial nint syscall(nint number, SafeHandle folder, string path, in OpenHow how, nint size);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int mkdirat(SafeHandle folder, string name, uint mode);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int unlinkat(SafeHandle folder, string name, int flags);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int renameat(SafeHandle from, string name, SafeHandle to, string other);
    [LibraryImport("libc", SetLastError = true)] private static partial int ftruncate(SafeHandle file, long length);
    [LibraryImport("libc", SetLastError = true)] private static partial nint pwrite(SafeHandle file, [In] byte[] bytes, nint count, long offset);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int access(string path, int mode);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int statx(SafeHandle file, string path, int flags, uint mask, [Out] byte[] status);
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int StatPath(int folder, string path, int flags, uint mask, [Out] byte[] status);
    [LibraryImport("libc")] private static partial uint geteuid();

    /// <summary>The very files that this process created: an attribute is lifted from nothing else.</summary>
    private readonly Dictionary<CanaryKey, SafeFileHandle> created = [];

    string IFolderUnderTest.Identity => account.Name;
    string IFolderKeeper.Identity => LocalAccount.Own.Name;

    StoreAnswer IFolderUnderTest.Plant(CanaryKey key, ReadOnlyMemory<byte> content) => Answer(account.Run(() => Write(key, content)));
    StoreAnswer IFolderKeeper.Plant(CanaryKey key, ReadOnlyMemory<byte> content) => Answer(Write(key, content));

    private int Write(CanaryKey key, ReadOnlyMemory<byte> content)
    {
        var folder = Root(out var error);
        try
        {
            foreach (var part in (string[])[.. CanaryKey.Root.TrimEnd('/').Split('/'), key.Run.Text])
            {
                if (folder is null) return error;
                if (mkdirat(folder, part, 0x1ED) != 0 && Marshal.GetLastPInvokeError() is var refused and not IsThere) return refused;
                var next = Open(folder, part, PathOnly, out error);
                folder.Dispose();
                folder = next;
            }
            if (folder is null) return error;
            if (Open(folder, key.Name, ReadWrite | Create | Exclusive, out error, mode: 0x1A4) is not { } file) return error;
            created[key] = file;
            return pwrite(file, content.ToArray(), content.Length, 0) == content.Length ? 0 : Math.Max(Marshal.GetLastPInvokeError(), InputOutput);
        }
        finally
        {
            folder?.Dispose();
        }
    }

    public StoreAnswer Attack(FolderAttack attack, CanaryKey key)
    {
        if (attack == FolderAttack.MoveFolderAway) return MoveAway(key);
        return Answer(account.Run(() => attack switch
        {
            FolderAttack.Delete => InFolder(key, folder => Result(unlinkat(folder, key.Name, 0))),
            FolderAttack.Overwrite => OnFile(key, WriteOnly, file => pwrite(file, "overwritten"u8.ToArray(), 11, 0) == 11 ? 0 : Marshal.GetLastPInvokeError()),
            FolderAttack.Truncate => OnFile(key, WriteOnly, file => Result(ftruncate(file, 0))),
            FolderAttack.Rename => InFolder(key, folder => Result(renameat(folder, key.Name, folder, key.Name + Renamed))),
            FolderAttack.ReplaceThroughFolder => InFolder(key, folder => Replace(folder, key)),
            FolderAttack.ClearAttribute => OnFile(key, ReadOnly, file => FileAttributeLock.Set(file, immutable: false)),
            FolderAttack.MoveFolderAway => throw new InvalidOperationException("It has its own way."),
        }));
    }

    private static int Replace(SafeFileHandle folder, CanaryKey key)
    {
        using var other = Open(folder, key.Name + Other, WriteOnly | Create | Exclusive, out var error, mode: 0x1A4);
        if (other is null) return error;
        var result = Result(renameat(folder, key.Name + Other, folder, key.Name));
        if (result != 0) _ = unlinkat(folder, key.Name + Other, 0);
        return result;
    }

    private StoreAnswer MoveAway(CanaryKey key)
    {
        var isBack = true;
        var result = account.Run(() =>
        {
            using var canaries = Folder(CanaryKey.Root.TrimEnd('/'), out var error);
            if (canaries is null) return error;
            var away = new CanaryRun(key.Run.Text[..Math.Min(key.Run.Text.Length, 63)] + "x").Text;
            if (renameat(canaries, key.Run.Text, canaries, away) != 0) return Marshal.GetLastPInvokeError();
            isBack = renameat(canaries, away, canaries, key.Run.Text) == 0;
            return 0;
        });
        return Answer(result) with { LeftBehind = !isBack };
    }

    public StoreAnswer Delete(CanaryKey key) => Attack(FolderAttack.Delete, key);

    public StoreAnswer Hold(CanaryKey key) => Answer(created.TryGetValue(key, out var file) ? FileAttributeLock.Set(file, immutable: true) : NotThere);

    public StoreAnswer Release(PlantedCanary canary)
    {
        if (created.TryGetValue(canary.Canary.Key, out var file)) return Answer(FileAttributeLock.Set(file, immutable: false));
        try
        {
            // Of an earlier process: only a file with that canary's random bytes is one.
            using var left = FileBeneath.Open(root, canary.Canary.Key.Text);
            return Answer(HashOf(left) == canary.Sha256 ? FileAttributeLock.Set(left, immutable: false) : NotTheSame);
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            return Answer(NotThere);
        }
    }

    public StoreAnswer Remove(PlantedCanary canary)
    {
        var key = canary.Canary.Key;
        var result = InFolder(key, folder =>
        {
            _ = unlinkat(folder, key.Name + Renamed, 0);
            _ = unlinkat(folder, key.Name + Other, 0);
            return Result(unlinkat(folder, key.Name, 0));
        });
        if (created.Remove(key, out var file)) file.Dispose();
        // Only empty folders can be removed so: whatever else lies there stays.
        using (var canaries = Folder(CanaryKey.Root.TrimEnd('/'), out _)) { if (canaries is not null) _ = unlinkat(canaries, key.Run.Text, RemoveFolder); }
        var corner = CanaryKey.Root.TrimEnd('/').Split('/');
        using (var above = Folder(corner[0], out _)) { if (above is not null) _ = unlinkat(above, corner[1], RemoveFolder); }
        using (var top = Root(out _)) { if (top is not null) _ = unlinkat(top, corner[0], RemoveFolder); }
        return Answer(result);
    }

    public CanarySight Look(CanaryKey key)
    {
        try
        {
            using var file = FileBeneath.Open(root, key.Text);
            return new CanarySight(SightKind.Seen, HashOf(file), FileAttributeLock.Of(file), null, "");
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            return new CanarySight(SightKind.Gone, "", ObjectLock.Unknown, null, "");
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            return CanarySight.Unseen(Verification.Printable.Of(e.Message));
        }
    }

    private static string HashOf(SafeFileHandle file)
    {
        var bytes = new byte[LargestCanary + 1];
        var (total, read) = (0, 0);
        while (total < bytes.Length && (read = RandomAccess.Read(file, bytes.AsSpan(total), total)) > 0) total += read;
        return Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, total)));
    }

    public IReadOnlyList<ConfigurationAnswer> ReadConfiguration() =>
    [
        Mount() is { } mount ? new ConfigurationAnswer("mount", AnswerState.Said, $"{mount.Type} {mount.Options}") : new ConfigurationAnswer("mount", AnswerState.Hidden, ""),
        Status(root) is { } s
            ? new ConfigurationAnswer("folder", AnswerState.Said, string.Create(CultureInfo.InvariantCulture, $"owner {s.User}, group {s.Group}, mode {Convert.ToString(s.Mode & 0xFFF, 8)}"))
            : new ConfigurationAnswer("folder", AnswerState.Hidden, ""),
    ];

    /// <summary>Whether the account may write to a file of the backup, or rename or delete it through a folder, or could give itself that right as an owner. Only asks: access(2), statx(2).</summary>
    public bool MayChange(string name)
    {
        if (Mount() is not { } mount || mount.Options.Split(',').Contains("ro")) return false;
        return account.Run(() =>
        {
            var path = Path.Combine(root, name);
            if (Status(path) is not { } entry) return false;
            if (access(path, MayWrite) == 0 || entry.User == geteuid()) return true;
            while (path.Length > root.Length)
            {
                path = Path.GetDirectoryName(path)!;    // still below the root
                if (Status(path) is not { } folder) return false;
                if (folder.User == geteuid()) return true;
                var isSticky = (folder.Mode & 0x200) != 0;
                if (access(path, MayWrite | MayEnter) == 0 && (!isSticky || entry.User == geteuid() || geteuid() == 0)) return true;
                entry = folder;
            }
            return false;
        });
    }

    private static (uint User, uint Group, int Mode)? Status(string path)
    {
        var status = new byte[256];
        // struct statx: stx_uid at 20, stx_gid at 24, stx_mode at 28.
        return StatPath(CurrentFolder, path, NoFollow, BasicStatus, status) == 0 ? (BitConverter.ToUInt32(status, 20), BitConverter.ToUInt32(status, 24), BitConverter.ToUInt16(status, 28)) : null;
    }

    /// <summary>The mount that the folder lies on, by the kernel's own list: proc_pid_mountinfo(5).</summary>
    private (string Type, string Options)? Mount()
    {
        (string Type, string Options)? found = null;
        var longest = -1;
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (fields.Length < 6 || dash < 0 || dash + 3 >= fields.Length) continue;
            var point = fields[4].Replace("\\040", " ", StringComparison.Ordinal).TrimEnd('/');
            // The last one mounted over a place is the one that is seen.
            if (point.Length < longest || !(root + "/").StartsWith(point + "/", StringComparison.Ordinal)) continue;
            longest = point.Length;
            var isReadOnly = fields[dash + 3].Split(',').Contains("ro") && !fields[5].Split(',').Contains("ro");
            found = (fields[dash + 1], isReadOnly ? "ro," + fields[5] : fields[5]);
        }
        return found;
    }

    private int InFolder(CanaryKey key, Func<SafeFileHandle, int> act)
    {
        using var folder = Folder(CanaryKey.Root + key.Run.Text, out var error);
        return folder is null ? error : act(folder);
    }

    /// <summary>Through a handle that leads to the file that was created here.</summary>
    private int OnFile(CanaryKey key, ulong flags, Func<SafeFileHandle, int> act) => InFolder(key, folder =>
    {
        using var file = Open(folder, key.Name, flags, out var error);
        if (file is null) return error;
        return created.TryGetValue(key, out var own) && IsSame(own, file) ? act(file) : NotTheSame;
    });

    private static bool IsSame(SafeFileHandle one, SafeFileHandle other)
    {
        var (a, b) = (new byte[256], new byte[256]);
        // struct statx: stx_ino at 32, stx_dev_major and stx_dev_minor at 136.
        return statx(one, "", EmptyPath, BasicStatus, a) == 0 && statx(other, "", EmptyPath, BasicStatus, b) == 0 && a.AsSpan(32, 8).SequenceEqual(b.AsSpan(32, 8)) && a.AsSpan(136, 8).SequenceEqual(b.AsSpan(136, 8));
    }

    private SafeFileHandle? Folder(string name, out int error)
    {
        using var top = Root(out error);
        return top is null ? null : Open(top, name, PathOnly, out error);
    }

    private SafeFileHandle? Root(out int error)
    {
        var descriptor = open(root, (int)(PathOnly | CloseOnExec));
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static SafeFileHandle? Open(SafeFileHandle folder, string name, ulong flags, out int error, ulong mode = 0)
    {
        var how = new OpenHow { Flags = flags | CloseOnExec | (flags == PathOnly ? 0 : NonBlocking), Mode = mode, Resolve = Below | NoSymbolicLinks | NoMagicLinks | SameDevice };
        var opened = (int)syscall((nint)OpenAt2, folder, name, in how, Marshal.SizeOf<OpenHow>());
        error = opened < 0 ? Marshal.GetLastPInvokeError() : 0;
        return opened < 0 ? null : new SafeFileHandle(opened, ownsHandle: true);
    }

    private static int Result(int returned) => returned < 0 ? Marshal.GetLastPInvokeError() : 0;

    private static StoreAnswer Answer(int error) => new(error switch { 0 => AnswerKind.Accepted, NotPermitted or Denied or ReadOnlyMount => AnswerKind.Refused, _ => AnswerKind.None }, 0, error switch
    {
        0 => "",
        NotPermitted => "EPERM",
        Denied => "EACCES",
        ReadOnlyMount => "EROFS",
        _ => Verification.Printable.Of(Marshal.GetPInvokeErrorMessage(error)),
    }, "", null);

    public void Dispose()
    {
        foreach (var file in created.Values) file.Dispose();
    }
}
