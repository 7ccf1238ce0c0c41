using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace BackupGuard.Server.Ui;

/// <summary>Renders pages that are kept as files: they open from a USB stick, need no script and print.</summary>
internal sealed class StaticPages : IAsyncDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddLogging().AddSingleton(UiFeature.PageEncoder).BuildServiceProvider();
    private readonly HtmlRenderer renderer;

    public StaticPages() => renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());

    public async Task<ReadOnlyMemory<byte>> RenderAsync<TPage>(Dictionary<string, object?> parameters)
        where TPage : IComponent
    {
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        return Encoding.UTF8.GetBytes(html);
    }

    public async ValueTask DisposeAsync()
    {
        await renderer.DisposeAsync();
        await services.DisposeAsync();
    }
}
