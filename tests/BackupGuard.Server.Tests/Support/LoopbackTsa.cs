using BackupGuard.Evidence.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BackupGuard.Server.Tests.Support;

/// <summary>openssl's time-stamp authority behind HTTP on this machine, which can be made to fail.</summary>
internal sealed class LoopbackTsa : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly OpenSslTsa authority = new();
    private byte[] lastAnswer = [];

    private LoopbackTsa(WebApplication app) => this.app = app;

    public enum Mood { Honest, Unavailable, Elsewhere, Endless, Refusing, Replaying, Silent }

    public Mood Now { get; set; }
    public int Asked { get; private set; }
    public string Url => app.Urls.Single();
    public string Line(string name) => $"{authority.Line(name).TrimEnd('\n')} {Url}/tsa\n";

    public static async Task<LoopbackTsa> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var tsa = new LoopbackTsa(builder.Build());
        tsa.app.MapPost("/tsa", (Delegate)tsa.AnswerAsync);
        tsa.app.MapPost("/moved", (Delegate)tsa.ReplyAsync);
        await tsa.app.StartAsync();
        return tsa;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        authority.Dispose();
    }

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        Asked++;
        return Now switch
        {
            Mood.Unavailable => Results.StatusCode(503),
            Mood.Elsewhere => Results.Redirect("/moved", permanent: false, preserveMethod: true),
            Mood.Endless => Results.Bytes(new byte[1 << 20]),
            // TimeStampResp with the status 2, rejection.
            Mood.Refusing => Results.Bytes([0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02]),
            Mood.Replaying => Results.Bytes(lastAnswer),
            Mood.Silent => Results.Bytes([]),
            Mood.Honest => await ReplyAsync(context),
            _ => throw new InvalidOperationException(),
        };
    }

    private async Task<IResult> ReplyAsync(HttpContext context)
    {
        var request = new MemoryStream();
        await context.Request.Body.CopyToAsync(request);
        return context.Request.ContentType == "application/timestamp-query" ? Results.Bytes(lastAnswer = authority.Answer(request.ToArray()), "application/timestamp-reply") : Results.BadRequest();
    }
}
