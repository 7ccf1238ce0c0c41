using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Server.Hosting;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Support;

/// <summary>One server for the tests of the legal board, each with a run of its own. Started with the plan blanc and the shipped rows.</summary>
public sealed partial class LegalServer : IAsyncLifetime
{
    private const string Password = "trois chevaux bleus";

    private static readonly Dictionary<string, string> Roles = new() { ["anne"] = "administrateur", ["dora"] = "dpo", ["sam"] = "secretaire", ["lea"] = "lecteur" };

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-legal-").FullName;
    private readonly Dictionary<string, HttpClient> browsers = [];
    private Uri url = new("http://127.0.0.1/");

    public TestClock Clock { get; } = new();
    public WebApplication App { get; private set; } = null!; // set by InitializeAsync before every test

    public string Shipped { get; } = System.IO.File.ReadAllText(Path.Combine(Root(), "runbooks", "legal", "declarations.yaml"));

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "runbooks", "legal"));
        System.IO.File.Copy(Path.Combine(Root(), "runbooks", "plan-blanc-numerique.yaml"), Path.Combine(folder, "runbooks", "plan-blanc-numerique.yaml"));
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "runbooks", "legal", "declarations.yaml"), Shipped);
        var output = new StringWriter();
        var settings = new ServerSettings(DataFolder.OpenOrCreate(Path.Combine(folder, "data")), [Listener.Parse("http://127.0.0.1:0")]) { RunbooksFolder = Path.Combine(folder, "runbooks") };
        App = await ServerApp.StartAsync(settings, Clock, output, CancellationToken.None);
        url = new Uri(ListeningLine().Match(output.ToString()).Groups[1].Value);
        await using var scope = App.Services.CreateAsyncScope();
        foreach (var (name, role) in Roles)
        {
            await scope.ServiceProvider.GetRequiredService<Features.Access.PeopleDirectory>().AddAsync(name, name, [role], Password);
        }
    }

    public async Task DisposeAsync()
    {
        browsers.Values.ToList().ForEach(b => b.Dispose());
        await App.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    public async Task<HttpClient> BrowserAsync(string name, string language = "fr")
    {
        if (!browsers.TryGetValue(name, out var browser))
        {
            browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = url };
            (await browser.SignInAsync(name, Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
            browsers.Add(name, browser);
        }

        browser.DefaultRequestHeaders.AcceptLanguage.Clear();
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        return browser;
    }

    /// <summary>Another content of a file of the legal folder, until it is disposed of.</summary>
    public IDisposable File(string name, string text)
    {
        var path = Path.Combine(folder, "runbooks", "legal", name);
        var before = System.IO.File.Exists(path) ? System.IO.File.ReadAllText(path) : null;
        System.IO.File.WriteAllText(path, text);
        return new Restored(path, before);
    }

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !System.IO.File.Exists(Path.Combine(at.FullName, "BackupGuard.sln"))) at = at.Parent;
        return at!.FullName;
    }

    private sealed class Restored(string path, string? before) : IDisposable
    {
        public void Dispose()
        {
            if (before is null) System.IO.File.Delete(path);
            else System.IO.File.WriteAllText(path, before);
        }
    }

    [GeneratedRegex(@"(http://127\.0\.0\.1:\d+)")]
    private static partial Regex ListeningLine();
}
