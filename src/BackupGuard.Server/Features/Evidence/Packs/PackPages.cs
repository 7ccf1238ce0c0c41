using System.Text;
using System.Text.Json;
using BackupGuard.Evidence;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <summary>The pages of a pack as files: they open from a USB stick, need no script and print.</summary>
internal static class PackPages
{
    public static async Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> RenderAsync(PackView view)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton(UiFeature.PageEncoder);
        await using var provider = services.BuildServiceProvider();
        await using var renderer = new HtmlRenderer(provider, provider.GetRequiredService<ILoggerFactory>());
        var files = new Dictionary<string, ReadOnlyMemory<byte>>
        {
            ["index.html"] = await PageAsync<PackIndexPage>(renderer, new() { [nameof(PackIndexPage.View)] = view }),
            ["site.css"] = SiteFile.Style.Bytes,
        };
        foreach (var test in view.Tests) files[test.Page] = await PageAsync<PackTestPage>(renderer, new() { [nameof(PackTestPage.View)] = view, [nameof(PackTestPage.Test)] = test });
        if (view.Order.ObjectiveRow is not null) files["objective.json"] = Objective(view.Order);
        return files;
    }

    private static async Task<ReadOnlyMemory<byte>> PageAsync<TPage>(HtmlRenderer renderer, Dictionary<string, object?> parameters)
        where TPage : IComponent
    {
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        return Encoding.UTF8.GetBytes(html);
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
