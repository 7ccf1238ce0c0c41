using System.Text.Json;
using BackupGuard.Evidence;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <summary>The pages of a pack as files: they open from a USB stick, need no script and print.</summary>
internal static class PackPages
{
    public static async Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> RenderAsync(PackView view)
    {
        await using var pages = new StaticPages();
        var files = new Dictionary<string, ReadOnlyMemory<byte>>
        {
            ["index.html"] = await pages.RenderAsync<PackIndexPage>(new() { [nameof(PackIndexPage.View)] = view }),
            ["site.css"] = SiteFile.Style.Bytes,
        };
        foreach (var test in view.Tests) files[test.Page] = await pages.RenderAsync<PackTestPage>(new() { [nameof(PackTestPage.View)] = view, [nameof(PackTestPage.Test)] = test });
        if (view.Order.ObjectiveRow is not null) files["objective.json"] = Objective(view.Order);
        return files;
    }

    /// <summary>The row as the establishment had it when the pack was made: its file may say something else tomorrow.</summary>
    private static byte[] Objective(PackOrder order)
    {
        var (row, output) = (order.ObjectiveRow!, new MemoryStream());      // asked in front
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("code", row.Code);
            writer.WriteString("label", row.Label);
            writer.WriteString("list", order.Objectives?.Name);
            writer.WriteStartArray("pieces");
            foreach (var piece in row.Pieces) writer.WriteStringValue(piece);
            writer.WriteEndArray();
            writer.WriteString("source", order.Objectives?.Source);
            writer.WriteString("target", row.Target);
            writer.WriteBoolean("toVerify", row.ToVerify);
            writer.WriteEndObject();
        }
        return CanonicalJson.Canonicalise(output.ToArray());
    }
}
