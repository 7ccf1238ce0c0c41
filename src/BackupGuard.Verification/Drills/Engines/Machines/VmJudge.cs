using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.Machines;

/// <summary>What a machine showed of itself. Its own words never leave the room.</summary>
internal static partial class VmJudge
{
    /// <summary>Whether it shows for certain that it will not come up, or did not stay up.</summary>
    public static ProbeAnswer? Trouble(ReadOnlySpan<byte> serial, ReadOnlySpan<byte> bios, ReadOnlySpan<byte> monitor)
    {
        if (serial.IndexOf("Kernel panic - not syncing"u8) >= 0 || monitor.IndexOf("\"GUEST_PANICKED\""u8) >= 0)
            return Answer.Wrong("the machine's system crashed (kernel panic)", "le système de la machine s’est arrêté sur une erreur fatale (kernel panic)");
        return bios.IndexOf("No bootable device"u8) >= 0 ? Answer.Wrong("nothing on the disk can be started", "rien sur le disque ne peut être démarré") : null;
    }

    /// <summary>QEMU ended by itself.</summary>
    /// <param name="monitor">Its events.</param>
    public static ProbeAnswer Ended(int exitCode, ReadOnlySpan<byte> monitor) => Reason().Match(Encoding.UTF8.GetString(monitor)).Groups["reason"].Value switch
    {
        "guest-reset" => Answer.Wrong("the machine restarted instead of staying up", "la machine a redémarré au lieu de rester en marche"),
        "guest-shutdown" => Answer.Wrong("the machine switched itself off", "la machine s’est éteinte d’elle-même"),
        "guest-panic" => Answer.Wrong("the machine's system crashed (kernel panic)", "le système de la machine s’est arrêté sur une erreur fatale (kernel panic)"),
        _ => Answer.Unknown($"QEMU ended by itself (exit code {exitCode})", $"QEMU s’est terminé de lui-même (code de sortie {exitCode})"),
    };

    /// <summary>The state asked of QEMU, not assumed.</summary>
    public static ProbeAnswer? Status(ReadOnlySpan<byte> monitor, string id) => StatusOf(monitor, id) switch
    {
        "running" => null,
        null => Answer.Unknown("QEMU does not answer", "QEMU ne répond pas"),
        "guest-panicked" => Answer.Wrong("the machine's system crashed (kernel panic)", "le système de la machine s’est arrêté sur une erreur fatale (kernel panic)"),
        "internal-error" => Answer.Wrong("the machine came to a state that no processor knows", "la machine a atteint un état qu’aucun processeur ne connaît"),
        "io-error" => Answer.Wrong("the machine stopped on an error of its disk", "la machine s’est arrêtée sur une erreur de son disque"),
        var other => Answer.Wrong($"the machine does not run ({other})", $"la machine ne tourne pas ({other})"),
    };

    public static ProbeAnswer TooLate(TimeSpan timeout, bool asksAgent) => asksAgent
        ? Answer.Wrong(string.Create(CultureInfo.InvariantCulture, $"no answer of the guest agent within {timeout.TotalSeconds:0} s"), string.Create(CultureInfo.InvariantCulture, $"aucune réponse de l’agent invité en {timeout.TotalSeconds:0} s"))
        : Answer.Wrong(string.Create(CultureInfo.InvariantCulture, $"the expected text did not appear on the serial line within {timeout.TotalSeconds:0} s"), string.Create(CultureInfo.InvariantCulture, $"le texte attendu n’est pas apparu sur la ligne série en {timeout.TotalSeconds:0} s"));

    private static string? StatusOf(ReadOnlySpan<byte> monitor, string id)
    {
        foreach (var line in Encoding.UTF8.GetString(monitor).Split('\n'))
            if (line.Contains($"\"id\": \"{id}\"", StringComparison.Ordinal))
                return StatusWord().Match(line) is { Success: true } status ? status.Groups["status"].Value : null;
        return null;
    }

    [GeneratedRegex("\"event\": \"SHUTDOWN\".{0,200}?\"reason\": \"(?<reason>[a-z-]{1,30})\"|\"reason\": \"(?<reason>[a-z-]{1,30})\".{0,200}?\"event\": \"SHUTDOWN\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Reason();

    [GeneratedRegex("\"status\": \"(?<status>[a-z-]{1,30})\"", RegexOptions.ExplicitCapture)]
    private static partial Regex StatusWord();
}
