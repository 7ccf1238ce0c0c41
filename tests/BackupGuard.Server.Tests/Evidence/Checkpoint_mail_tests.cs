using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Features.Evidence.Mail;
using BackupGuard.Server.Features.Evidence.Packs;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>Checkpoints by mail, to a real mail server on this machine.</summary>
public abstract class Checkpoint_mail_tests(Engine engine) : IAsyncLifetime
{
    /// <summary>With what has nothing to do with the database.</summary>
    public sealed class OnSqlite() : Checkpoint_mail_tests(Engine.Sqlite)
    {
        [Fact]
        public async Task A_mail_goes_over_STARTTLS_with_a_password_out_of_a_file_and_whoever_keeps_it_can_compare()
        {
            var certificate = await CertificateAsync();
            var settings = Settings(await MailServerAsync(certificate, Of("smtp.key"), "backupguard", Password), $"Username=backupguard\nPasswordFile={Of("password")}");
            (await VerbAsync(settings, null)).Should().Match<(int Exit, string Output)>(e => e.Exit == 1 && !e.Output.Contains(Password), "nobody vouches for that certificate");
            Kept.Should().BeEmpty();

            (await VerbAsync(settings, certificate)).Should().Match<(int Exit, string Output)>(e => e.Exit == 0);
            var mail = Kept.Single();
            KeptCheckpoint.Read(mail).Should().Equal(Note);
            Encoding.UTF8.GetString(mail).Should().Contain("To: temoin@ailleurs.example").And.Contain("Auto-Submitted: auto-generated").And.NotContain(Password);

            // The log goes on; the mail still pins its beginning.
            await AppendAsync();
            var key = server.Services.GetRequiredService<ServerIdentity>().LogKey;
            var pack = (await server.Services.GetRequiredService<PackMaker>().MakeAsync(PackOrder.Of(new PackRequest(null, "2020-01-01", null, null), null, null), default)).Zip;
            PackVerifier.Verify(() => PackArchive.Open(pack), TrustPolicy.Of(key), [mail]).Should().Match<VerificationReport>(r => r.Verdict == EvidenceVerdict.Sound && r.Checks.Any(c => c.Kind == CheckKind.Kept && c.Outcome == CheckOutcome.Passed));
        }

        [Fact]
        public async Task A_mail_server_without_STARTTLS_gets_nothing_unless_the_settings_say_so()
        {
            var port = await MailServerAsync();
            (await VerbAsync(Settings(port, "Security=StartTls"), null)).Exit.Should().Be(1);
            Kept.Should().BeEmpty();
            (await VerbAsync(Settings(port), null)).Exit.Should().Be(0);
            Kept.Should().ContainSingle();
        }

        [Theory]
        [InlineData("Host=smtp.hopital.example\nSecurity=None", "another machine")]
        [InlineData("Host=localhost\nTo=rssi@HOPITAL.example", "outside the hospital")]
        [InlineData("Host=localhost\nPassword=secret", "'Password' is not one of")]
        [InlineData("Host=localhost\nUsername=x", "belong together")]
        [InlineData("Host=localhost\nSecurity=Ssl", "StartTls or None")]
        [InlineData("Host=localhost\nPort=70000", "Port")]
        [InlineData("Host=localhost\nHost=localhost", "each once")]
        [InlineData("Host=localhost\nEvery=P1Y", "duration")]
        [InlineData("", "no Host")]
        public void Settings_that_would_leak_or_reach_nobody_are_refused(string lines, string why)
        {
            File.WriteAllText(Of("wrong.conf"), $"{lines}\nFrom=backupguard@hopital.example\n{(lines.Contains("To=", StringComparison.Ordinal) ? "" : "To=temoin@ailleurs.example\n")}");
            FluentActions.Invoking(() => MailSettings.Read(Of("wrong.conf"))).Should().Throw<UsageException>().Which.Message.Should().Contain(why).And.NotContain("secret");
        }
    }

    public sealed class OnPostgres() : Checkpoint_mail_tests(Engine.Postgres);

    private const string Password = "cheval pile agrafe";
    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-mail-").FullName;
    private readonly List<Process> servers = [];
    private TestServer server = null!;      // set by InitializeAsync before every test

    private string Of(string name) => Path.Combine(folder, name);

    public async Task InitializeAsync()
    {
        server = TestServer.Prepare(engine);
        await server.StartAgainAsync();
        await server.AddPersonAsync("claire", "trois chevaux bleus", "lecteur");
        await AppendAsync();
        File.WriteAllText(Of("password"), Password + "\n");
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        foreach (var started in servers)
        {
            started.StandardInput.Close();
            await started.WaitForExitAsync();
            started.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    private Task<AppendResult> AppendAsync() => server.Log.AppendServerEntriesAsync([new NewEntry("test.note", "", "{}"u8.ToArray())], null);

    private static string Script([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../servers/smtp.py");     // this file has a folder

    /// <returns>Its port.</returns>
    private async Task<int> MailServerAsync(params string[] demands)
    {
        Directory.CreateDirectory(Of("kept"));
        var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-B", Script(), Of("kept"), .. demands]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;     // starts or throws
        servers.Add(python);
        return int.Parse(await python.StandardOutput.ReadLineAsync() ?? "", System.Globalization.CultureInfo.InvariantCulture);
    }

    private string Settings(int port, string more = "Security=None", string to = "temoin@ailleurs.example")
    {
        File.WriteAllText(Of("mail.conf"), $"# essai\nHost=localhost\nPort={port}\nFrom=backupguard@hopital.example\nTo={to}\n{more}\n");
        return Of("mail.conf");
    }

    private byte[][] Kept => [.. Directory.EnumerateFiles(Of("kept"), "*.eml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private byte[] Note => Encoding.UTF8.GetBytes(server.Services.GetRequiredService<EvidenceQueries>().Head()!.Note);

    /// <summary>As another process, with the authorities that an environment variable names.</summary>
    private async Task<(int Exit, string Output)> VerbAsync(string settings, string? authorities)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "backupguard-server.dll"), "mail-checkpoint", "--mail", settings, "--data", server.Data.Path]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (authorities is not null) start.Environment["SSL_CERT_FILE"] = authorities;
        using var verb = Process.Start(start)!;     // starts or throws
        var (output, error) = (verb.StandardOutput.ReadToEndAsync(), verb.StandardError.ReadToEndAsync());
        await verb.WaitForExitAsync();
        return (verb.ExitCode, await output + await error);
    }

    private async Task<string> CertificateAsync()
    {
        using var openssl = Process.Start(new ProcessStartInfo("openssl",
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", Of("smtp.key"), "-out", Of("smtp.pem"), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]) { RedirectStandardError = true })!;
        await openssl.StandardError.ReadToEndAsync();
        await openssl.WaitForExitAsync();
        return Of("smtp.pem");
    }

    [Fact]
    public async Task A_mail_goes_out_once_a_day_and_failure_is_said_and_tried_again()
    {
        var port = await MailServerAsync();
        server.Mail = MailSettings.Read(Settings(port));
        await server.StopAsync();
        await server.StartAgainAsync();
        var rounds = server.Services.GetRequiredService<MailRounds>();
        (await rounds.RoundAsync(default)).Should().BeTrue();
        await AppendAsync();
        (await rounds.RoundAsync(default)).Should().BeTrue();
        var sent = Kept.Length;
        sent.Should().BeInRange(1, 2, "the server itself may have been as quick");
        rounds.Standing().Should().Match<MailStanding>(s => s.Addresses == 1 && s.Size != null && s.Problem == null);

        server.Clock.Advance(TimeSpan.FromHours(25.5));
        rounds.Standing()!.Problem!.Code.Should().Be("BG2057", "nothing went out, whatever the reason");
        foreach (var started in servers) started.StandardInput.Close();
        foreach (var started in servers) await started.WaitForExitAsync();
        (await rounds.RoundAsync(default)).Should().BeFalse();
        rounds.Standing()!.Problem!.Code.Should().Be("BG2057");
        using var browser = server.Browser();
        await browser.SignInAsync("claire", "trois chevaux bleus");
        WebUtility.HtmlDecode(await browser.GetStringAsync(Urls.EvidenceList)).Should().Contain("BG2057").And.Contain("confié au courrier");

        server.Mail = MailSettings.Read(Settings(await MailServerAsync(), to: "temoin@ailleurs.example, inconnu@ailleurs.example"));
        await server.StopAsync();
        await server.StartAgainAsync();
        rounds = server.Services.GetRequiredService<MailRounds>();
        (await rounds.RoundAsync(default)).Should().BeFalse("one of the addresses was refused");
        server.Mail = MailSettings.Read(Settings(server.Mail.Port));
        await server.StopAsync();
        await server.StartAgainAsync();
        rounds = server.Services.GetRequiredService<MailRounds>();
        (await rounds.RoundAsync(default)).Should().BeTrue();
        rounds.Standing()!.Problem.Should().BeNull();
    }
}
