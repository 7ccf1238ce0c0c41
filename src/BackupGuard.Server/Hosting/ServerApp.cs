using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Features.Applications;
using BackupGuard.Server.Features.Contacts;
using BackupGuard.Server.Features.Copies;
using BackupGuard.Server.Features.CrisisPack;
using BackupGuard.Server.Features.Drills;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Features.Evidence.Mail;
using BackupGuard.Server.Features.Evidence.TimeStamps;
using BackupGuard.Server.Features.Evidence.Witnesses;
using BackupGuard.Server.Features.Exercises;
using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Features.Obligations;
using BackupGuard.Server.Features.Paper;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Reports;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Errors;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Console;

namespace BackupGuard.Server.Hosting;

/// <summary>The web application: what it is made of, and the order in which a request passes through it.</summary>
internal static class ServerApp
{
    /// <summary>Starts the server and writes on <paramref name="announce"/> what another program needs to find it.</summary>
    /// <param name="replace">What a test puts in the place of a part; null otherwise.</param>
    public static async Task<WebApplication> StartAsync(ServerSettings settings, TimeProvider clock, TextWriter announce, CancellationToken stop, Action<IServiceCollection>? replace = null)
    {
        var app = Build(settings, clock, announce, replace);
        try
        {
            await using var alone = await app.Services.GetRequiredService<DatabaseEngine>().LockStartAsync(stop);
            await app.Services.MigrateAsync(stop);
            // Before anybody can ask: a server without its key, or with a catalogue it cannot read, says so at its start.
            _ = app.Services.GetRequiredService<ServerIdentity>();
            await app.Services.GetRequiredService<CatalogueSource>().RefreshAsync(stop);
            await app.Services.GetRequiredService<RunbookLibrary>().AllAsync(stop);
            await app.Services.GetRequiredService<WitnessRounds>().DemandSameLogAsync(stop);
            await app.StartAsync(stop);
            var urls = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
            foreach (var url in urls)
            {
                await announce.WriteLineAsync($"Listening on {url}");
            }
            await app.Services.AnnounceFirstSignInAsync(urls.First(), announce, stop);
            await announce.FlushAsync(stop);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static WebApplication Build(ServerSettings settings, TimeProvider clock, TextWriter announce, Action<IServiceCollection>? replace)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(ServerApp).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        AddHosting(builder, settings, clock, announce);
        builder.Services.AddPersistence(settings.Data);
        builder.Services.AddAccess();
        builder.Services.AddFleet();
        builder.Services.AddReadiness();
        builder.Services.AddTests();
        builder.Services.AddEvidencePages();
        builder.Services.AddWitnesses();
        builder.Services.AddTimeStamps();
        builder.Services.AddCheckpointMail();
        builder.Services.AddRuns();
        builder.Services.AddExercises();
        builder.Services.AddObligations();
        builder.Services.AddContacts();
        builder.Services.AddCrisisPack();
        builder.Services.AddNightlyCrisisPacks();
        builder.Services.AddUi();
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        UsePipeline(app);
        app.MapHealth();
        app.MapAccess();
        app.MapFleet();
        app.MapUi();
        app.MapPortfolio();
        app.MapApplications();
        app.MapCopies();
        app.MapTests();
        app.MapReports();
        app.MapEvidencePages();
        app.MapRuns();
        app.MapExercises();
        app.MapObligations();
        app.MapContacts();
        app.MapPaper();
        app.MapCrisisPack();
        return app;
    }

    private static void AddHosting(WebApplicationBuilder builder, ServerSettings settings, TimeProvider clock, TextWriter announce)
    {
        // Settings come from the command line; a stray appsettings.json or ASPNETCORE_URLS must not change what is listened on.
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning).AddFilter("BackupGuard", LogLevel.Information)
            // A start that fails is one sentence of the verb; a background service that stops the host is still logged.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical)
            // A statement that fails is an exception, and told where that ends. Of a new PostgreSQL database EF Core first asks for a table that cannot be there yet.
            .AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Critical)
            // The keys lie in a folder of their owner alone; encrypting them with a key beside them would add nothing.
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // Standard output belongs to the lines that other programs read.
        builder.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(settings).AddSingleton(clock);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddDataProtection().SetApplicationName("backupguard-server").PersistKeysToFileSystem(new DirectoryInfo(settings.Data.Subfolder("keys")));
        builder.Services.AddRazorComponents();
        builder.Services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "backupguard-form";
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.HttpOnly = true;
        });
        builder.Services.AddRequestLimits();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 2 * 1024 * 1024;
            var certificate = settings.Listeners.Any(l => l.Tls) ? TlsCertificate.Load(settings, clock) : null;
            if (certificate is not null)
            {
                announce.WriteLine($"backupguard-server certificate pin {TlsCertificate.Pin(certificate)}");
            }
            foreach (var listener in settings.Listeners)
            {
                kestrel.Listen(listener.Address, listener.Port, endpoint =>
                {
                    if (listener.Tls)
                    {
                        endpoint.UseHttps(https =>
                        {
                            https.ServerCertificate = certificate;
                            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                            // Agents' certificates are self-signed: whose they are is decided where the enrolled key is known.
                            https.AllowAnyClientCertificate();
                        });
                    }
                });
            }
        });
    }

    private static void UsePipeline(WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerUnexpectedAsync, SuppressDiagnosticsCallback = _ => true });
        app.UseErrorPages();
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.Use(RefuseForgedFormsAsync);
    }

    // The middleware before only notes whether a token is valid, and the binding of a form refuses: a form without bound fields would pass.
    private static Task RefuseForgedFormsAsync(HttpContext context, RequestDelegate next)
    {
        var safe = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
            || context.GetEndpoint() is null || Problems.IsApi(context.Request.Path);
        return safe || context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: true }
            ? next(context)
            : ErrorPages.ShowAsync(context, ErrorKind.Refused);
    }

    // The HTTP border: a bug is logged with its trace and answered without it.
    private static Task AnswerUnexpectedAsync(HttpContext context)
    {
        var feature = context.Features.GetRequiredFeature<IExceptionHandlerPathFeature>();
        var api = Problems.IsApi(feature.Path);
        if (feature.Error is BadHttpRequestException bad)
        {
            return api
                ? Problems.Of(bad.StatusCode, "BG2100", "Bad request", "The request cannot be read. Nothing was changed.").ExecuteAsync(context)
                : ErrorPages.ShowAsync(context, ErrorKind.Refused);
        }
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("BackupGuard.Server.Http").RequestFailed(feature.Error, feature.Path);
        if (!api)
        {
            return ErrorPages.ShowAsync(context, feature.Error is LogDamagedException || StoreFailure.IsNoAnswer(feature.Error) ? ErrorKind.StoreFails : ErrorKind.Failure);
        }
        return feature.Error is LogDamagedException damaged
            ? Problems.Of(503, "BG2190", "Evidence log damaged", damaged.Message).ExecuteAsync(context)
            : Problems.Of(500, "BG2199", "Unexpected error", "The server failed to handle this request. Nothing that was not acknowledged may be counted as kept; send it again.").ExecuteAsync(context);
    }
}
