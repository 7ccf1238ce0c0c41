using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Programs;

namespace BackupGuard.Agent.Config.Steps;

/// <summary>Steps around a program that stays up in the room: start, tcp, http, page.</summary>
internal static class ProgramSteps
{
    public static Probe? Start(Section s)
    {
        var (service, run, timeout) = (s.Required("service", "dpi-web"), ProbeReader.Arguments(s), StepValues.Timeout(s, TimeSpan.FromMinutes(2)));
        if (service is not null && !Values.IsName(service)) s.RefuseKey("service", "use a-z, 0-9, \".\", \"_\" and \"-\", at most 63, beginning with a letter or digit");
        var port = s.Number("port", 1, 65535);
        var upFor = s.Find("upFor") is null ? null : ProbeReader.Duration(s, "upFor", s.Optional("upFor"));
        if (s.Find("port") is null == s.Find("upFor") is null) s.RefuseWhole("write either port (up when something listens there) or upFor (up when it still runs after that time)");
        return service is null || run is null || timeout is null ? null : new StartStep(service, run, (int?)port, upFor ?? TimeSpan.Zero, timeout.Value);
    }

    public static Probe? Tcp(Section s) => Asked(s) is var (service, port, timeout) ? new TcpProbe(service, port, timeout) : null;

    public static Probe? Http(Section s)
    {
        var (path, host, status) = (PagePath(s), s.Optional("host") ?? "localhost", s.Number("status", 100, 599) ?? 200);
        if (host.Any(c => c <= ' ' || c > '~')) s.RefuseKey("host", "a host's name has no spaces and no letters beyond ASCII");
        return Asked(s) is var (service, port, timeout) ? new HttpProbe(service, port, path, host, (int)status, s.Optional("contains"), timeout) : null;
    }

    public static Probe? Page(Section s)
    {
        var (path, title, text) = (PagePath(s), s.Optional("title"), s.Optional("contains"));
        // An error page is a page, too.
        if (title is null && text is null) s.RefuseWhole("it would pass whatever is shown; write title or contains");
        return Asked(s) is var (service, port, timeout) ? new PageProbe(service, port, path, title, text, timeout) : null;
    }

    private static (string? Service, int Port, TimeSpan Timeout)? Asked(Section s)
    {
        if (s.Find("port") is null) _ = s.Required("port", "8080");
        return s.Number("port", 1, 65535) is { } port && StepValues.Timeout(s, TimeSpan.FromMinutes(1)) is { } timeout ? (s.Optional("service"), (int)port, timeout) : null;
    }

    private static string PagePath(Section s)
    {
        var path = s.Optional("path") ?? "/";
        if (path[0] != '/' || path.Any(c => c <= ' ' || c > '~')) s.RefuseKey("path", "write it as in an address: from the first slash, without spaces, other characters percent-encoded");
        return path;
    }
}
