using System.Globalization;
using System.Text.Json;

namespace BackupGuard.Verification.Drills;

/// <summary>One question put to restored data. Everything in it is part of the drill's definition.</summary>
public abstract record Probe
{
    /// <summary>The word for it in agent.yaml.</summary>
    public abstract string Kind { get; }

    /// <summary>What people read: the kind and what it asks.</summary>
    public abstract string Name { get; }

    /// <summary>Writes every property that changes the question, in a fixed order.</summary>
    internal abstract void WriteDefinition(Utf8JsonWriter json);

    /// <summary>What the step is called in a report.</summary>
    public virtual string StepKind => "probe";

    /// <summary>Whether it starts processes in the drill's room.</summary>
    public virtual bool NeedsRoom => false;

    /// <summary>Where it works, for people; empty where nothing is started.</summary>
    public virtual string Where => NeedsRoom ? "in a room without network" : "";

    /// <summary>Whether it may start what was restored. It is not asked once a scan has found something.</summary>
    public virtual bool MayStartRestored => NeedsRoom;

    /// <summary>Full paths of files on the agent's machine that it must see there.</summary>
    public virtual IReadOnlyList<string> Shown => [];
}

/// <summary>Starts what was restored, and asks it whether it is whole: a database, a directory, a machine. What it started stays up for the questions after it.</summary>
public abstract record Engine : Probe
{
    public override string StepKind => "engine";
    public override bool NeedsRoom => true;
}

/// <summary>Looks for malware in what was restored. A hit ends the drill before anything restored is started.</summary>
public abstract record Scan : Probe
{
    public override bool NeedsRoom => true;
    public override bool MayStartRestored => false;
}

/// <summary>Number of regular files and their bytes within bounds; a bound that is null does not count.</summary>
public sealed record CountProbe(long? MinFiles, long? MaxFiles, long? MinBytes, long? MaxBytes) : Probe
{
    public override string Kind => "count";
    public override string Name => "count";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        foreach (var (name, bound) in (ReadOnlySpan<(string, long?)>)[("minFiles", MinFiles), ("maxFiles", MaxFiles), ("minBytes", MinBytes), ("maxBytes", MaxBytes)])
            if (bound is { } value) json.WriteNumber(name, value);
    }
}

/// <summary>At least one entry matches.</summary>
public sealed record ExistsProbe(Glob Glob) : Probe
{
    public override string Kind => "exists";
    public override string Name => "exists " + Glob;
    internal override void WriteDefinition(Utf8JsonWriter json) => json.WriteString("glob", Glob.ToString());
}

/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public sealed record Sha256Probe(RestoredPath Path, string Sha256) : Probe
{
    public override string Kind => "sha256";
    public override string Name => "sha256 " + Path;

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("path", Path.ToString());
        json.WriteString("sha256", Sha256);
    }
}

/// <summary>The newest regular file was changed at most <paramref name="MaxAge"/> before the drill began.</summary>
public sealed record NewestProbe(TimeSpan MaxAge) : Probe
{
    public override string Kind => "newest";
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"newest within {MaxAge.TotalHours:0.##} h");
    internal override void WriteDefinition(Utf8JsonWriter json) => json.WriteNumber("maxAgeSeconds", (long)MaxAge.TotalSeconds);
}

/// <summary>A program ends with the expected exit code in time. Its output never leaves the agent: it may hold patients' data.</summary>
/// <param name="Run">Program (full path) and its arguments; no shell reads them.</param>
/// <param name="OutputContains">Text that the standard output must contain, or null.</param>
/// <param name="OnMachine">On the agent's machine, with its network, instead of in the drill's room.</param>
public sealed record CommandProbe(IReadOnlyList<string> Run, int ExitCode, TimeSpan Timeout, string? OutputContains, bool OnMachine = false) : Probe
{
    public override bool NeedsRoom => !OnMachine;
    public override bool MayStartRestored => true;
    public override IReadOnlyList<string> Shown => OnMachine ? [] : [.. Run.Where(Path.IsPathFullyQualified)];

    public override string Kind => "command";
    public override string Name => "command " + Run[0];

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteStartArray("run");
        foreach (var argument in Run) json.WriteStringValue(argument);
        json.WriteEndArray();
        json.WriteNumber("exitCode", ExitCode);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
        if (OutputContains is not null) json.WriteString("outputContains", OutputContains);
        json.WriteString("where", OnMachine ? "machine" : "room");
    }
}
