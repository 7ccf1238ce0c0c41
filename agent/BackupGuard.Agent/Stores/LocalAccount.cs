using System.Runtime.InteropServices;

namespace BackupGuard.Agent.Stores;

/// <summary>An account of this machine, and calls made with its rights alone.</summary>
/// <remarks>
/// The kernel keeps credentials per thread: another account's calls run on a thread of their own that gives its own up for good before the first of them, by the raw calls
/// (the C library's would change every thread of the agent). credentials(7), setresuid(2), "C library/kernel differences".
/// </remarks>
internal sealed partial class LocalAccount
{
    private const int MostGroups = 1024;
    private static readonly (nint SetGroups, nint SetGroup, nint SetUser)? Calls = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (116, 119, 117),
        Architecture.Arm64 => (159, 149, 147),
        _ => null,
    };

    /// <summary>The beginning of struct passwd, the same on every Linux that .NET runs on.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public nint Name, Password;
        public uint User, Group;
    }

    private readonly (uint User, uint Group, uint[] Groups)? other;

    private LocalAccount(string name, (uint, uint, uint[])? other) => (Name, this.other) = (name, other);

    public string Name { get; }

    /// <summary>The account that this process runs as.</summary>
    public static LocalAccount Own { get; } = new(Environment.UserName, null);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial nint getpwnam(string name);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int getgrouplist(string name, uint group, [Out] uint[] groups, ref int count);
    [LibraryImport("libc")] private static partial uint geteuid();
    [LibraryImport("libc", SetLastError = true)] private static partial nint syscall(nint number, nint first, nint second, nint third);
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)] private static partial nint SetGroups(nint number, nint count, [In] uint[] groups);

    /// <exception cref="UsageException">There is no such account, or this process may not take it.</exception>
    public static LocalAccount Named(string name)
    {
        if (name == Environment.UserName) return Own;
        var found = getpwnam(name);
        if (found == 0) throw new UsageException($"identityUnderTest: there is no account {Verification.Printable.Of(name)} on this machine.");
        var entry = Marshal.PtrToStructure<Entry>(found);
        if (geteuid() != 0 || Calls is null) throw new UsageException($"identityUnderTest: only root can try what {name} could do; run the probe as root, or as {name} without identityUnderTest.");
        var (groups, count) = (new uint[MostGroups], MostGroups);
        if (getgrouplist(name, entry.Group, groups, ref count) < 0) throw new UsageException($"identityUnderTest: {name} is in more than {MostGroups} groups.");
        var account = new LocalAccount(name, (entry.User, entry.Group, groups[..count]));
        // Once before anything is announced: a container may keep root from it.
        if (account.Run(() => geteuid()) is var taken && taken != entry.User) throw new UsageException($"identityUnderTest: this process may not take the account {name}.");
        return account;
    }

    /// <exception cref="UsageException">This process may not take the account: nothing was run.</exception>
    public T Run<T>(Func<T> act)
    {
        if (other is not { } account) return act();
        var (result, failure) = (default(T), default(Exception));
        var thread = new Thread(() =>
        {
            try
            {
                if (!TryBecome(account.User, account.Group, account.Groups)) throw new UsageException($"identityUnderTest: this process may not take the account {Name}.");
                result = act();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return result!;    // act ran to its end
    }

    /// <summary>All capabilities go with the last of the three user ids, unless the account is root.</summary>
    private static bool TryBecome(uint user, uint group, uint[] groups) =>
        Calls is { } calls && SetGroups(calls.SetGroups, groups.Length, groups) == 0 && syscall(calls.SetGroup, (nint)group, (nint)group, (nint)group) == 0 && syscall(calls.SetUser, (nint)user, (nint)user, (nint)user) == 0 && geteuid() == user;
}
