using System.Runtime.InteropServices;

namespace BackupGuard.Agent.Drills.Windows;

/// <summary>JOBOBJECT_BASIC_LIMIT_INFORMATION, 64 bytes on a 64-bit system (winnt.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct JobBasicLimits
{
    public long PerProcessUserTimeLimit;
    public long PerJobUserTimeLimit;
    public uint LimitFlags;
    public nuint MinimumWorkingSetSize;
    public nuint MaximumWorkingSetSize;
    public uint ActiveProcessLimit;
    public nuint Affinity;
    public uint PriorityClass;
    public uint SchedulingClass;
}

/// <summary>JOBOBJECT_EXTENDED_LIMIT_INFORMATION, 144 bytes on a 64-bit system; the six counters between are not ours to set.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct JobExtendedLimits
{
    public JobBasicLimits Basic;
    public ulong ReadOperations, WriteOperations, OtherOperations, ReadBytes, WrittenBytes, OtherBytes;
    public nuint ProcessMemoryLimit;
    public nuint JobMemoryLimit;
    public nuint PeakProcessMemoryUsed;
    public nuint PeakJobMemoryUsed;
}

/// <summary>What a restored program may use on Windows. Nothing here calls Windows.</summary>
/// <param name="MemoryBytes">The most that it may commit.</param>
internal sealed record JobLimits(long MemoryBytes)
{
    /// <summary>
    /// One: a firewall rule names one program, and whatever else that program could start would not be held by it.
    /// </summary>
    public const uint Processes = 1;

    /// <summary>Dead when the last handle is closed, so when the agent dies; dead at a crash, without a window that waits for somebody; one process; bounded memory. No flag that lets a process out of the job.</summary>
    private const uint KillOnClose = 0x2000, DieOnUnhandledException = 0x400, ActiveProcess = 0x8, ProcessMemory = 0x100, JobMemory = 0x200;
    private const uint BreakawayOk = 0x800, SilentBreakawayOk = 0x1000;

    /// <summary>JOBOBJECT_BASIC_UI_RESTRICTIONS, all eight: other programs' windows, clipboard (both ways), system parameters, display settings, global atoms, desktops, end of the session.</summary>
    public const uint Interface = 0xFF;

    public JobExtendedLimits Extended => new()
    {
        Basic = new JobBasicLimits { LimitFlags = KillOnClose | DieOnUnhandledException | ActiveProcess | ProcessMemory | JobMemory, ActiveProcessLimit = Processes },
        ProcessMemoryLimit = (nuint)MemoryBytes, JobMemoryLimit = (nuint)MemoryBytes,
    };

    /// <summary>Whether what Windows holds is what was asked for: an older Windows or another job around may have taken less.</summary>
    public bool AreHeldBy(JobExtendedLimits seen, uint interfaceSeen)
    {
        var asked = Extended;
        return (seen.Basic.LimitFlags & asked.Basic.LimitFlags) == asked.Basic.LimitFlags && (seen.Basic.LimitFlags & (BreakawayOk | SilentBreakawayOk)) == 0
            && seen.Basic.ActiveProcessLimit == Processes && seen.ProcessMemoryLimit == asked.ProcessMemoryLimit && seen.JobMemoryLimit == asked.JobMemoryLimit && interfaceSeen == Interface;
    }
}
