using BackupGuard.Agent.Commands;
using BackupGuard.Agent.Link;
using BackupGuard.Agent.Tests.Spool;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Link;

public sealed class Enrolment_tests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("enrol").FullName;
    private readonly TestClock clock = new(DateTimeOffset.UtcNow);
    private string State => Path.Combine(root, "state");

    public void Dispose() => Directory.Delete(root, recursive: true);

    private Enrolment At(TestServer server, string? pin = null, string? name = "pharmacie") =>
        new(server.Address, pin is null ? null : ServerPin.Parse(pin), "one-time", name, State, clock);

    private async Task<int> RunAsync(params string[] arguments) =>
        await EnrolCommand.Create(clock).Parse([.. arguments, "--state", State]).InvokeAsync();

    [Fact]
    public async Task An_agent_enrols_with_its_own_key_and_keeps_what_it_needs_to_find_the_server_again()
    {
        await using var server = await TestServer.StartAsync(isHttps: true);
        var settings = await At(server, server.Pin).RunAsync(CancellationToken.None);
        settings.Should().Be(new LinkSettings(server.Address.GetLeftPart(UriPartial.Authority), "pharmacie", server.Pin, "CHU d’Exemple"));
        LinkSettings.Load(State).Should().Be(settings);
        using var identity = AgentIdentity.Open(State);
        identity.Should().NotBeNull();
        server.Enrolled.Should().Match<Contracts.EnrolRequest>(r => r.Token == "one-time" && r.AgentName == "pharmacie" && r.SoftwareVersion == Enrolment.SoftwareVersion);
        Convert.FromBase64String(server.Enrolled!.PublicKey).Should().Equal(identity!.Key.PublicKey.Spki.ToArray()).And.Equal(server.Requests.Single().ClientKey);
        if (OperatingSystem.IsWindows()) return;
        foreach (var file in Directory.GetFiles(State)) File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Fact]
    public async Task Enrolling_again_keeps_the_key_and_the_name()
    {
        await using var server = await TestServer.StartAsync();
        await At(server).RunAsync(CancellationToken.None);
        var first = server.Enrolled;
        await At(server, name: null).RunAsync(CancellationToken.None);
        server.Enrolled.Should().Be(first);
        var renamed = () => At(server, name: "imagerie").RunAsync(CancellationToken.None);
        await renamed.Should().ThrowAsync<UsageException>().WithMessage("*belongs to the agent 'pharmacie'*");
    }

    [Fact]
    public async Task A_refused_token_is_told_in_the_servers_words_and_leaves_no_settings()
    {
        await using var server = await TestServer.StartAsync();
        server.Misbehave = c => TestServer.SayAsync(c, 403, """{"type":"about:blank","title":"x","status":403,"detail":"This token was used.","code":"BG2110"}""");
        var act = () => At(server).RunAsync(CancellationToken.None);
        (await act.Should().ThrowAsync<LinkException>()).Which.Finding.Message("en").Should().Contain("403 (BG2110: This token was used)");
        LinkSettings.Load(State).Should().BeNull();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"agentId":"a","agentId":"pharmacie","establishment":"x"}""")]
    public async Task An_answer_that_is_none_leaves_no_settings(string answer)
    {
        await using var server = await TestServer.StartAsync();
        server.Misbehave = c => TestServer.SayAsync(c, 200, answer);
        var act = () => At(server).RunAsync(CancellationToken.None);
        (await act.Should().ThrowAsync<LinkException>()).Which.Finding.Code.Should().Be("BG1595");
        LinkSettings.Load(State).Should().BeNull();
    }

    [Fact]
    public async Task A_server_that_enrols_under_another_name_is_not_followed()
    {
        await using var server = await TestServer.StartAsync();
        server.EnrolsAs = "imagerie";
        var act = () => At(server).RunAsync(CancellationToken.None);
        (await act.Should().ThrowAsync<LinkException>()).Which.Finding.Code.Should().Be("BG1595");
    }

    [Fact]
    public async Task The_command_enrols_over_loopback_and_says_so_by_its_exit_code()
    {
        await using var server = await TestServer.StartAsync();
        (await RunAsync("--server", server.Address.ToString(), "--token", "one-time", "--name", "pharmacie")).Should().Be(0);
        server.Misbehave = c => TestServer.SayAsync(c, 500, "");
        (await RunAsync("--server", server.Address.ToString(), "--token", "one-time")).Should().Be(3);
    }

    [Fact]
    public async Task An_untrusted_certificate_without_a_key_given_is_refused_and_the_key_seen_is_named()
    {
        await using var server = await TestServer.StartAsync(isHttps: true);
        var act = () => At(server).RunAsync(CancellationToken.None);
        var finding = (await act.Should().ThrowAsync<LinkException>()).Which.Finding;
        finding.Message("en").Should().Contain(server.Pin);
        finding.Remedy("en").Should().Contain($"--server-key {server.Pin}").And.Contain("openssl");
        server.Requests.Should().BeEmpty("the token must not be shown to a stranger");
        (await RunAsync("--server", server.Address.ToString(), "--token", "t")).Should().Be(2);
        (await RunAsync("--server", server.Address.ToString(), "--token", "t", "--server-key", server.Pin, "--name", Path.GetFileName(root).ToLowerInvariant())).Should().Be(2, "the key exists under the machine's name");
    }

    [Theory]
    [InlineData("http://backupguard.example.fr")]
    [InlineData("https://user:secret@backupguard.example.fr")]
    [InlineData("https://backupguard.example.fr/path")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("127.0.0.1:8443")]
    public async Task An_address_that_would_not_be_safe_is_wrong_usage(string address)
    {
        (await RunAsync("--server", address, "--token", "t")).Should().Be(2);
        Directory.Exists(State).Should().BeFalse("nothing was begun");
    }

    [Theory]
    [InlineData("sha256:12")]
    [InlineData("md5:0123")]
    [InlineData("sha256:zz23456789012345678901234567890123456789012345678901234567890123")]
    public void A_server_key_of_another_form_is_wrong_usage(string pin)
    {
        var act = () => ServerPin.Parse(pin);
        act.Should().Throw<UsageException>();
    }

    [Fact]
    public void The_token_comes_from_one_place()
    {
        var file = Path.Combine(root, "token");
        File.WriteAllText(file, "from-file\n");
        EnrolCommand.ReadToken("a", null, "ignored").Should().Be("a");
        EnrolCommand.ReadToken(null, file, "ignored").Should().Be("from-file");
        EnrolCommand.ReadToken(null, null, "from-variable").Should().Be("from-variable");
        foreach (var (token, path) in new (string?, string?)[] { (null, null), ("a", file), ("", null), (null, Path.Combine(root, "absent")) })
        {
            var act = () => EnrolCommand.ReadToken(token, path, null);
            act.Should().Throw<UsageException>();
        }
    }

    [Fact]
    public void A_key_file_that_others_can_read_or_that_is_damaged_is_refused()
    {
        AgentIdentity.OpenOrCreate(State, "pharmacie").Dispose();
        var path = Path.Combine(State, AgentIdentity.FileName);
        var good = File.ReadAllText(path);
        var open = () => AgentIdentity.Open(State);
        foreach (var bad in new[] { "", good[..40], good.Replace("Name: ", "", StringComparison.Ordinal), good.Replace("pharmacie", "../x", StringComparison.Ordinal) })
        {
            File.WriteAllText(path, bad);
            open.Should().Throw<UsageException>().WithMessage("*damaged*");
        }
        if (OperatingSystem.IsWindows()) return;
        File.WriteAllText(path, good);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        open.Should().Throw<UsageException>().WithMessage("*can be read by others*");
    }

    [Fact]
    public void Damaged_settings_are_refused()
    {
        Directory.CreateDirectory(State);
        foreach (var bad in new[] { "", "{}", """{"server":"http://far.example","agentId":"a","serverKey":null,"establishment":""}""", """{"server":"https://x","agentId":"a","serverKey":null,"establishment":"","x":1}""" })
        {
            File.WriteAllText(Path.Combine(State, LinkSettings.FileName), bad);
            var act = () => LinkSettings.Load(State);
            act.Should().Throw<UsageException>().WithMessage("*Enrol the agent again*");
        }
    }
}
