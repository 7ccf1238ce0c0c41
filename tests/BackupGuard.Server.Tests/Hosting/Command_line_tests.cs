using System.Net;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Hosting;

public sealed class Command_line_tests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("no-such-verb")]
    [InlineData("run --urls ftp://127.0.0.1/ --data {0}")]
    [InlineData("run --urls http://0.0.0.0:0 --data {0}")]
    [InlineData("run --urls http://127.0.0.1:0 --catalogue {0}/none.yaml --data {0}")]
    [InlineData("run --urls https://127.0.0.1:0 --certificate {0}/bad.pem --data {0}")]
    [InlineData("run --urls http://127.0.0.1:0 --data {0}/bad.pem")]
    [InlineData("fsck --data {0}/nothing-here")]
    [InlineData("accounts one-time-login --data {0}/nothing-here")]
    [InlineData("accounts add nowak --roles RSSI --data {0}")]
    [InlineData("accounts add nowak --password-file {0}/none --data {0}")]
    [InlineData("agents token --data {0}/nothing-here")]
    [InlineData("lint {0}/nothing-here")]
    [InlineData("lint {0}")]
    [InlineData("agents revoke nobody --data {0}/nothing-here")]
    public async Task Wrong_usage_is_one_sentence_and_exit_code_2(string command)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "bad.pem"), "no certificate");

        var (exit, output, errors) = await ServerProcess.RunAsync(string.Format(null, command, folder).Split(' '));

        exit.Should().Be(2, errors);
        output.Should().BeEmpty();
        errors.Trim().Should().StartWith("backupguard-server: ").And.NotContain("\n   at ").And.NotContain("Unhandled");
        errors.Trim().Split('\n').Should().ContainSingle();
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence()
    {
        using var first = await ServerProcess.StartAsync(Path.Combine(folder, "a"));

        var (exit, _, errors) = await ServerProcess.RunAsync(["run", "--urls", first.Url.ToString(), "--data", Path.Combine(folder, "b")]);

        exit.Should().Be(2);
        errors.Trim().Split('\n').Should().ContainSingle().Which.Should().Contain("address already in use");
    }

    [Fact]
    public async Task Accounts_and_codes_made_on_the_command_line_sign_in_at_the_running_server()
    {
        using var server = await ServerProcess.StartAsync(folder);
        var passwordFile = Path.Combine(folder, "password");
        await File.WriteAllTextAsync(passwordFile, "trois chevaux bleus\n");
        (await ServerProcess.RunAsync(["accounts", "add", "nowak", "--display", "Dr Nowak", "--roles", "rssi,dsi", "--password-file", passwordFile, "--data", folder])).Exit.Should().Be(0);
        (await ServerProcess.RunAsync(["accounts", "add", "martin", "--data", folder], password: "quatre chevaux verts")).Exit.Should().Be(0);
        var (exit, code, _) = await ServerProcess.RunAsync(["accounts", "one-time-login", "--name", "nowak", "--data", folder]);
        exit.Should().Be(0);

        (await StatusAsync(server, b => b.SignInAsync("nowak", "trois chevaux bleus"))).Should().Be(HttpStatusCode.Redirect);
        (await StatusAsync(server, b => b.SignInAsync("martin", "quatre chevaux verts"))).Should().Be(HttpStatusCode.Redirect);
        (await StatusAsync(server, b => b.SubmitAsync("/connexion", "/connexion/code", ("code", code.Trim())))).Should().Be(HttpStatusCode.Redirect);
        (await ServerProcess.RunAsync(["accounts", "add", "nowak", "--data", folder])).Exit.Should().Be(2, "the name is taken");
        (await ServerProcess.RunAsync(["accounts", "add", "court", "--data", folder], password: "court")).Exit.Should().Be(2, "the password is too short");
    }

    [Fact]
    public void The_data_folder_and_the_database_are_their_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var data = DataFolder.OpenOrCreate(Path.Combine(folder, "fresh"));
        data.CreateDatabaseFile();

        File.GetUnixFileMode(data.Path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(data.DatabaseFile).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", "127.0.0.1", 5080, false)]
    [InlineData("http://localhost:0", "127.0.0.1", 0, false)]
    [InlineData("http://[::1]:80/", "::1", 80, false)]
    [InlineData("https://*:5443", "0.0.0.0", 5443, true)]
    [InlineData("https://10.0.0.5", "10.0.0.5", 443, true)]
    public void An_address_to_listen_on_is_read(string url, string address, int port, bool tls) =>
        Listener.Parse(url).Should().Be(new Listener(IPAddress.Parse(address), port, tls));

    [Theory]
    [InlineData("http://*:80")]
    [InlineData("http://10.0.0.5:80")]
    [InlineData("https://example.org:443")]
    [InlineData("https://127.0.0.1/path")]
    [InlineData("127.0.0.1:80")]
    [InlineData("")]
    public void An_address_that_is_unsafe_or_none_is_refused(string url) =>
        FluentActions.Invoking(() => Listener.Parse(url)).Should().Throw<UsageException>();

    private static async Task<HttpStatusCode> StatusAsync(ServerProcess server, Func<HttpClient, Task<HttpResponseMessage>> act)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server.Url };
        using var answer = await act(browser);
        return answer.StatusCode;
    }
}
