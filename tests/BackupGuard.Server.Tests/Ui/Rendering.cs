using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>Renders a page as a static file would be.</summary>
internal static class Rendering
{
    public static async Task<string> RenderAsync(Type page, object parameters)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<AntiforgeryStateProvider, NoToken>();
        await using var provider = services.BuildServiceProvider();
        await using var renderer = new HtmlRenderer(provider, provider.GetRequiredService<ILoggerFactory>());
        var values = parameters.GetType().GetProperties().ToDictionary(p => p.Name, p => p.GetValue(parameters));
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync(page, ParameterView.FromDictionary(values))).ToHtmlString());
    }

    public static async Task<HtmlPage> PageAsync<TPage>(object parameters) where TPage : IComponent =>
        HtmlPage.Parse(await RenderAsync(typeof(TPage), parameters));
}

/// <summary>A file has no session: its forms carry no token.</summary>
internal sealed class NoToken : AntiforgeryStateProvider
{
    public override AntiforgeryRequestToken? GetAntiforgeryToken() => null;
}

internal static class Readers
{
    public static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");
    public static readonly Reader French = new(Language.French, Paris);
    public static readonly Reader English = new(Language.English, Paris);
}
