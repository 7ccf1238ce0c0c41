using System.Globalization;
using System.Text;
using QRCoder;

namespace BackupGuard.Server.Features.Paper;

/// <summary>A QR code as one SVG path: black squares on a grid, with the quiet zone that readers need around it.</summary>
/// <param name="Size">Squares on a side.</param>
public sealed record QrPicture(int Size, string Path)
{
    /// <param name="text">Digits, capitals and hyphens: the smallest code there is. A quarter of it may be torn or stained.</param>
    public static QrPicture Of(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.Q);
        var path = new StringBuilder();
        foreach (var (y, row) in data.ModuleMatrix.Index())
        {
            for (var x = 0; x < row.Length; x++)
            {
                if (!row[x]) continue;
                var from = x;
                while (x + 1 < row.Length && row[x + 1]) x++;
                path.Append(CultureInfo.InvariantCulture, $"M{from} {y}h{x - from + 1}v1h-{x - from + 1}z");
            }
        }

        return new(data.ModuleMatrix.Count, path.ToString());
    }
}
