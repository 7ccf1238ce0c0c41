using System.Globalization;
using System.Text.Json;

namespace BackupGuard.Verification.Drills.Programs;

/// <summary>A program of the restored data, or of this machine over them, that stays up in the room until the drill ends.</summary>
/// <param name="Service">What later steps call it.</param>
/// <param name="Run">Full path of the program and its arguments; no shell reads them.</param>
/// <param name="Port">Up when it listens there (127.0.0.1); null: when it still runs after <paramref name="UpFor"/>.</param>
/// <param name="Timeout">How long it may take until it is up.</param>
public sealed record StartStep(string Service, IReadOnlyList<string> Run, int? Port, TimeSpan UpFor, TimeSpan Timeout) : Engine
{
    public override string Kind => "start";
    public override string Name => "start " + Service;
    public override IReadOnlyList<string> Shown => [.. Run.Where(r => r.StartsWith('/') && !r.StartsWith("/restored/", StringComparison.Ordinal) && !r.StartsWith("/scratch/", StringComparison.Ordinal))];

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("service", Service);
        DrillPlan.WriteAll(json, "run", Run);
        if (Port is { } port) json.WriteNumber("port", port);
        else json.WriteNumber("upForSeconds", (long)UpFor.TotalSeconds);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}

/// <summary>A question to something that an earlier step started in the room.</summary>
/// <param name="Service">The name of what was started; null for whatever was.</param>
public abstract record ServiceProbe(string? Service, int Port, TimeSpan Timeout) : Probe
{
    public override bool NeedsRoom => true;
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Port}");

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        if (Service is not null) json.WriteString("service", Service);
        json.WriteNumber("port", Port);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}

/// <summary>Something listens on the port and takes a connection.</summary>
public sealed record TcpProbe(string? Service, int Port, TimeSpan Timeout) : ServiceProbe(Service, Port, Timeout)
{
    public override string Kind => "tcp";
}

/// <summary>A page is given with the expected status and text. Plain HTTP; no redirection is followed.</summary>
/// <param name="Host">What the request says whom it wants.</param>
public sealed record HttpProbe(string? Service, int Port, string Path, string Host, int Status, string? Contains, TimeSpan Timeout) : ServiceProbe(Service, Port, Timeout)
{
    public override string Kind => "http";
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"http {Port}{Path}");

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        base.WriteDefinition(json);
        json.WriteString("path", Path);
        json.WriteString("host", Host);
        json.WriteNumber("status", Status);
        if (Contains is not null) json.WriteString("contains", Contains);
    }
}

/// <summary>A browser in the room shows a page with the expected title or text; its picture is kept.</summary>
public sealed record PageProbe(string? Service, int Port, string Path, string? Title, string? Contains, TimeSpan Timeout) : ServiceProbe(Service, Port, Timeout)
{
    public override string Kind => "page";
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"page {Port}{Path}");

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        base.WriteDefinition(json);
        json.WriteString("path", Path);
        if (Title is not null) json.WriteString("title", Title);
        if (Contains is not null) json.WriteString("contains", Contains);
    }
}
