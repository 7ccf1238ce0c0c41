using BackupGuard.Server.Features.Runs;

namespace BackupGuard.Server.Features.Obligations;

internal static class ObligationUrls
{
    public static string Board(string run) => RunUrls.Run(run) + "/declarations";

    public static string Pin(string run) => Board(run) + "/lignes";

    public static string Awareness(string run) => Board(run) + "/connaissance";

    public static string Duty(string run, string duty) => $"{Board(run)}/{Uri.EscapeDataString(duty)}";

    public static string Sending(string run, string duty) => Duty(run, duty) + "/envoi";

    public static string SettingAside(string run, string duty) => Duty(run, duty) + "/sans-objet";
}
