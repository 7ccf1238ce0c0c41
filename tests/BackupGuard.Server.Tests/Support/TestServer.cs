using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace BackupGuard.Server.Tests.Support;

/// <summary>A real server on a free port of this machine, with a data folder of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-server-test-").FullName;
    private readonly bool tls;
    private readonly IDisposable database;
    private WebApplication? app;

    private TestServer(bool tls, Engine engine, bool withSchema)
    {
        this.tls = tls;
        database = engine.Prepare(folder, withSchema);
    }

    public TestClock Clock { get; } = new();

    public string Output { get; private set; } = "";

    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    public DataFolder Data => DataFolder.OpenOrCreate(folder);

    public string CatalogueFile => Path.Combine(folder, "hopital.yaml");

    public IServiceProvider Services => app?.Services ?? throw new InvalidOperationException("The server is not running.");

    public EvidenceLog Log => Services.GetRequiredService<EvidenceLog>();

    public BackupGuard.Evidence.TrustPolicy? Policy { get; set; }

    public BackupGuard.Server.Features.Evidence.Mail.MailSettings? Mail { get; set; }

    /// <summary>Folder of runbooks, from the next start.</summary>
    public string? Runbooks { get; set; }

    /// <summary>Where packs are kept each night, from the next start, and how many.</summary>
    public string? CrisisPacks { get; set; }
    public int CrisisPacksKept { get; set; } = 14;

    /// <summary>What is put in the place of a part at the next start.</summary>
    public Action<IServiceCollection>? Replace { get; set; }

    public string ObjectivesFile => Path.Combine(folder, "objectifs.yaml");

    /// <summary>Its folder and its database, and nothing started yet.</summary>
    public static TestServer Prepare(Engine engine, bool tls = false, bool withSchema = true) => new(tls, engine, withSchema);

    public static async Task<TestServer> StartAsync(Engine engine = Engine.Sqlite, bool tls = false, string? catalogue = null, string? objectives = null)
    {
        var server = Prepare(engine, tls);
        if (objectives is not null)
        {
            await File.WriteAllTextAsync(server.ObjectivesFile, objectives);
        }
        if (catalogue is not null)
        {
            await File.WriteAllTextAsync(server.CatalogueFile, catalogue);
        }
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        var output = new StringWriter();
        var settings = new ServerSettings(Data, [Listener.Parse(tls ? "https://127.0.0.1:0" : "http://127.0.0.1:0")])
        {
            CatalogueFile = File.Exists(CatalogueFile) ? CatalogueFile : null,
            ObjectivesFile = File.Exists(ObjectivesFile) ? ObjectivesFile : null,
            RunbooksFolder = Runbooks,
            CrisisPackFolder = CrisisPacks,
            CrisisPacksKept = CrisisPacksKept,
            Policy = Policy,
            Mail = Mail,
        };
        app = await ServerApp.StartAsync(settings, Clock, output, CancellationToken.None, Replace);
        Output = output.ToString();
        Url = new Uri(Regex.Match(Output, @"^Listening on (\S+)", RegexOptions.Multiline).Groups[1].Value);
    }

    public async Task StopAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
            app = null;
        }
    }

    /// <summary>A browser without redirects, so that a test sees each answer.</summary>
    public HttpClient Browser() => new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = Url };

    public async Task<string> TokenAsync() => await AgentVerbs.IssueTokenAsync(Services, CancellationToken.None);

    public async Task<T> WithAsync<TService, T>(Func<TService, Task<T>> act)
        where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public Task<Person> AddPersonAsync(string name, string password, params string[] roles) =>
        WithAsync<PeopleDirectory, Person>(people => people.AddAsync(name, name, roles, password));

    /// <param name="catalogue">With it readiness is derived too.</param>
    public FsckReport Fsck(HospitalCatalogue? catalogue = null)
    {
        using var identity = ServerIdentity.Load(Data);
        using var engine = DatabaseEngine.Of(Data);
        return Persistence.Fsck.Run(engine, identity, Clock.GetUtcNow(), catalogue);
    }

    public void Sql(string statement)
    {
        using var engine = DatabaseEngine.Of(Data);
        using var connection = engine.Open();
        connection.Execute(statement);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        database.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}

internal static partial class BrowserExtensions
{
    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex TokenField { get; }

    /// <summary>Loads a page, fills its form and sends it: the antiforgery token comes along as in a browser.</summary>
    public static async Task<HttpResponseMessage> SubmitAsync(this HttpClient browser, string page, string action, params (string Name, string Value)[] fields)
    {
        var html = await browser.GetStringAsync(page);
        var token = WebUtility.HtmlDecode(TokenField.Match(html).Groups[1].Value);
        return await browser.PostAsync(action, new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]));
    }

    public static Task<HttpResponseMessage> SignInAsync(this HttpClient browser, string name, string password) =>
        browser.SubmitAsync("/connexion", "/connexion", ("name", name), ("password", password));

    public static Task<HttpResponseMessage> PostJsonAsync(this HttpClient client, string path, string json) =>
        client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
}
