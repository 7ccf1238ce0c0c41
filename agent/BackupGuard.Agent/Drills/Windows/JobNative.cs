using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Drills.Windows;

/// <summary>The calls of Windows that make a job and start a program in it. Never run by this project: see decision 0020.</summary>
[SupportedOSPlatform("windows")]
internal static partial class JobNative
{
    private const int ExtendedLimits = 9, InterfaceRestrictions = 4;
    private const uint Suspended = 0x4, UnicodeEnvironment = 0x400, ExtendedStartup = 0x80000, NoWindow = 0x08000000;
    private const nuint HandleList = 0x00020002, JobList = 0x0002000D;
    private const int UseStandardHandles = 0x100;
    private const uint DuplicateQueryAssign = 0x000B, DisableMaxPrivilege = 0x1;
    private const int LongestPath = 32767;

    /// <exception cref="Win32Exception"/>
    public static SafeFileHandle CreateJob(JobLimits limits)
    {
        var job = new SafeFileHandle(CreateJobObjectW(0, 0), ownsHandle: true);
        if (job.IsInvalid) throw new Win32Exception(Marshal.GetLastPInvokeError());
        try
        {
            var extended = limits.Extended;
            var userInterface = JobLimits.Interface;
            Check(SetInformationJobObject(job, ExtendedLimits, ref extended, Marshal.SizeOf<JobExtendedLimits>()));
            Check(SetInformationJobObject(job, InterfaceRestrictions, ref userInterface, sizeof(uint)));
            var (seen, interfaceSeen) = (default(JobExtendedLimits), 0u);
            Check(QueryInformationJobObject(job, ExtendedLimits, ref seen, Marshal.SizeOf<JobExtendedLimits>(), 0));
            Check(QueryInformationJobObject(job, InterfaceRestrictions, ref interfaceSeen, sizeof(uint), 0));
            if (!limits.AreHeldBy(seen, interfaceSeen)) throw new Win32Exception("the job does not hold the limits that it was given");
            return job;
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    /// <summary>Starts a program inside of the job, without the privileges of this account, and lets it run once it was seen there.</summary>
    /// <param name="handles">Standard input, output and errors: the only handles that it inherits.</param>
    /// <returns>Its process id. The process cannot be another by then: it was held until here.</returns>
    /// <exception cref="Win32Exception"/>
    public static unsafe int Start(SafeHandle job, JobCommand command, string folder, IReadOnlyList<SafeHandle> handles, Action<int> beforeItRuns)
    {
        Check(OpenProcessToken(GetCurrentProcess(), DuplicateQueryAssign, out var own));
        using var token = new SafeAccessTokenHandle(own);
        Check(CreateRestrictedToken(token, DisableMaxPrivilege, 0, 0, 0, 0, 0, 0, out var less));
        using var restricted = new SafeAccessTokenHandle(less);

        nuint size = 0;
        InitializeProcThreadAttributeList(0, 2, 0, ref size);
        var attributes = Marshal.AllocHGlobal((nint)size);
        // CreateProcess may write into the line.
        var line = (command.CommandLine + "\0").ToCharArray();
        try
        {
            Check(InitializeProcThreadAttributeList(attributes, 2, 0, ref size));
            var inherited = stackalloc nint[3];
            for (var i = 0; i < 3; i++) inherited[i] = handles[i].DangerousGetHandle();
            var jobs = stackalloc nint[1] { job.DangerousGetHandle() };
            Check(UpdateProcThreadAttribute(attributes, 0, HandleList, inherited, (nuint)(3 * sizeof(nint)), 0, 0));
            Check(UpdateProcThreadAttribute(attributes, 0, JobList, jobs, (nuint)sizeof(nint), 0, 0));
            var startup = new StartupInfoEx { Size = sizeof(StartupInfoEx), Flags = UseStandardHandles, Input = inherited[0], Output = inherited[1], Error = inherited[2], Attributes = attributes };
            ProcessInformation started;
            fixed (char* text = line)
            fixed (char* environment = command.Environment)
                Check(CreateProcessAsUserW(restricted, command.Program, text, 0, 0, true, Suspended | UnicodeEnvironment | ExtendedStartup | NoWindow, environment, folder, &startup, out started));
            using var process = new SafeProcessHandle(started.Process, ownsHandle: true);
            using var thread = new SafeWaitHandle(started.Thread, ownsHandle: true);
            try
            {
                Check(IsProcessInJob(process, job, out var isInside));
                if (!isInside) throw new Win32Exception("the program was not started inside of its job");
                if (!ImageOf(process).Equals(command.Program, StringComparison.OrdinalIgnoreCase)) throw new Win32Exception("the program that was started is not the one that the firewall holds back");
                beforeItRuns(started.ProcessId);
                if (ResumeThread(thread) == uint.MaxValue) throw new Win32Exception(Marshal.GetLastPInvokeError());
                return started.ProcessId;
            }
            catch
            {
                TerminateProcess(process, 1);
                throw;
            }
        }
        finally
        {
            DeleteProcThreadAttributeList(attributes);
            Marshal.FreeHGlobal(attributes);
            GC.KeepAlive(handles);
            GC.KeepAlive(job);
        }
    }

    private static unsafe string ImageOf(SafeProcessHandle process)
    {
        var path = new char[LongestPath];
        var length = (uint)path.Length;
        fixed (char* into = path) Check(QueryFullProcessImageNameW(process, 0, into, ref length));
        return new string(path, 0, (int)length);
    }

    private static void Check(bool succeeded)
    {
        if (!succeeded) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StartupInfoEx
    {
        public int Size;
        public nint Reserved, Desktop, Title;
        public int X, Y, Width, Height, CharactersWide, CharactersHigh, Fill, Flags;
        public short ShowWindow, ReservedLength;
        public nint ReservedBytes, Input, Output, Error;
        public nint Attributes;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ProcessInformation
    {
        public nint Process, Thread;
        public int ProcessId, ThreadId;
    }

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint CreateJobObjectW(nint attributes, nint name);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformationJobObject(SafeHandle job, int kind, ref JobExtendedLimits limits, int length);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformationJobObject(SafeHandle job, int kind, ref uint restrictions, int length);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool QueryInformationJobObject(SafeHandle job, int kind, ref JobExtendedLimits limits, int length, nint returned);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool QueryInformationJobObject(SafeHandle job, int kind, ref uint restrictions, int length, nint returned);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool IsProcessInJob(SafeHandle process, SafeHandle job, [MarshalAs(UnmanagedType.Bool)] out bool isInside);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool QueryFullProcessImageNameW(SafeHandle process, uint flags, char* name, ref uint length);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool TerminateProcess(SafeHandle process, uint exitCode);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial uint ResumeThread(SafeHandle thread);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();

    [LibraryImport("advapi32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool OpenProcessToken(nint process, uint access, out nint token);

    [LibraryImport("advapi32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateRestrictedToken(SafeHandle token, uint flags, uint disabled, nint disable, uint deleted, nint delete, uint restricted, nint restrict, out nint less);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool InitializeProcThreadAttributeList(nint list, int count, int flags, ref nuint size);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool UpdateProcThreadAttribute(nint list, uint flags, nuint attribute, void* value, nuint size, nint previous, nint returned);

    [LibraryImport("kernel32")]
    private static partial void DeleteProcThreadAttributeList(nint list);

    [LibraryImport("advapi32", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool CreateProcessAsUserW(SafeHandle token, string application, char* line, nint processAttributes, nint threadAttributes, [MarshalAs(UnmanagedType.Bool)] bool inherit, uint flags,
        char* environment, string folder, StartupInfoEx* startup, out ProcessInformation started);
}
