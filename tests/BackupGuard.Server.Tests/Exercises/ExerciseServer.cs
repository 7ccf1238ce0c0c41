using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Exercises;

/// <summary>One server for all tests of exercises: each starts a run of its own, and hashing passwords takes longer than playing.</summary>
public sealed partial class ExerciseServer : IAsyncLifetime
{
    public const string Beginner = "debutant-decouverte-de-nuit";
    private const string Password = "trois chevaux bleus";

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-exercise-").FullName;
    private readonly Dictionary<string, HttpClient> browsers = new(StringComparer.Ordinal);
    private IDisposable database = null!; // set by InitializeAsync before every test
    private WebApplication app = null!;   // set by InitializeAsync before every test
    private Uri url = new("http://127.0.0.1/");

    public TestClock Clock { get; } = new();

    public string Books => Path.Combine(folder, "runbooks");

    public IServiceProvider Services => app.Services;

    public async Task InitializeAsync()
    {
        var source = Path.Combine(RepositoryRoot(), "runbooks");
        foreach (var file in new[] { "plan-blanc-numerique.yaml", "exercice-de-crise.yaml", $"exercises/{Beginner}.yaml", "scenarios/rancongiciel-total.yaml" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Books, file))!);
            File.Copy(Path.Combine(source, file), Path.Combine(Books, file));
        }
        database = Engine.Sqlite.Prepare(Path.Combine(folder, "data"));
        var output = new StringWriter();
        var settings = new ServerSettings(DataFolder.OpenOrCreate(Path.Combine(folder, "data")), [Listener.Parse("http://127.0.0.1:0")]) { RunbooksFolder = Books };
        app = await ServerApp.StartAsync(settings, Clock, output, CancellationToken.None);
        url = new Uri(ListeningLine().Match(output.ToString()).Groups[1].Value);
        await using var scope = app.Services.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<PeopleDirectory>();
        foreach (var (name, role) in new[] { ("ines", "animateur"), ("omar", "observateur"), ("oona", "observateur"), ("paul", "administrateur-garde"), ("rose", "logistique"), ("lea", "lecteur") })
        {
            await people.AddAsync(name, name, [role], Password);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var browser in browsers.Values)
        {
            browser.Dispose();
        }
        await app.DisposeAsync();
        database.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    public async Task<HttpClient> SignedInAsync(string name)
    {
        if (browsers.TryGetValue(name, out var known))
        {
            return known;
        }
        var browser = browsers[name] = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = url };
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        (await browser.SignInAsync(name, Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
        return browser;
    }

    private static string RepositoryRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "BackupGuard.sln")))
        {
            at = at.Parent;
        }
        return at?.FullName ?? throw new InvalidOperationException("The repository's root was not found.");
    }

    [GeneratedRegex(@"^Listening on (\S+)", RegexOptions.Multiline)]
    private static partial Regex ListeningLine();
}
