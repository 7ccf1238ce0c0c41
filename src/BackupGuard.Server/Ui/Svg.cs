using System.Globalization;

namespace BackupGuard.Server.Ui;

public static class Svg
{
    /// <summary>A coordinate, with a point whatever the culture.</summary>
    public static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
