using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Ui.Texts;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Access;

public abstract class Sign_in_tests(Engine engine) : IAsyncLifetime
{
    public sealed class OnSqlite() : Sign_in_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Sign_in_tests(Engine.Postgres);

    private const string Password = "trois chevaux bleus";
    private TestServer server = null!; // set by InitializeAsync before every test

    public async Task InitializeAsync() => server = await TestServer.StartAsync(engine);

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task The_first_start_prints_a_link_that_signs_the_administrator_in_once()
    {
        var link = new Uri(Regex.Match(server.Output, @"https?://\S+/connexion\?code=\S+").Value);
        var code = link.Query["?code=".Length..];
        using var browser = server.Browser();

        (await browser.GetStringAsync(link)).Should().Contain("<button", "looking at the link must not spend it: mail scanners and previews look too");
        (await browser.GetAsync(link)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await SendCodeAsync(browser, code)).StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await IsSignedInAsync(browser)).Should().BeTrue();

        using var second = server.Browser();
        (await SendCodeAsync(second, code)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await IsSignedInAsync(second)).Should().BeFalse();
    }

    [Fact]
    public async Task A_code_is_worth_nothing_after_fifteen_minutes()
    {
        var person = await server.AddPersonAsync("nowak", Password, "rssi");
        var code = await server.WithAsync<PeopleDirectory, string>(people => people.IssueCodeAsync(person, CancellationToken.None));
        server.Clock.Advance(PeopleDirectory.CodeValidFor);
        using var browser = server.Browser();

        (await SendCodeAsync(browser, code)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Of_many_requests_with_one_code_one_wins()
    {
        var person = await server.AddPersonAsync("nowak", Password, "rssi");
        var code = await server.WithAsync<PeopleDirectory, string>(people => people.IssueCodeAsync(person, CancellationToken.None));

        var winners = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => server.WithAsync<PeopleDirectory, Person?>(people => people.RedeemAsync(code, CancellationToken.None))));

        winners.Count(w => w is not null).Should().Be(1);
    }

    [Fact]
    public async Task A_restart_prints_a_new_link_until_somebody_came_in()
    {
        await server.StopAsync();
        await server.StartAgainAsync();
        server.Output.Should().Contain("/connexion?code=", "the first link may be lost with its terminal");

        await server.AddPersonAsync("nowak", Password, "rssi");
        await server.StopAsync();
        await server.StartAgainAsync();
        server.Output.Should().NotContain("code=");
    }

    [Fact]
    public async Task A_password_signs_in_and_the_session_survives_a_restart_of_the_server()
    {
        await server.AddPersonAsync("nowak", Password, "rssi");
        using var browser = server.Browser();

        using var answer = await browser.SignInAsync("nowak", Password);

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("backupguard=", StringComparison.Ordinal));
        cookie.ToLowerInvariant().Should().Contain("httponly").And.Contain("samesite=strict");
        await server.StopAsync();
        await server.StartAgainAsync();
        using var later = server.Browser();
        later.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        (await IsSignedInAsync(later)).Should().BeTrue("the keys of the cookies are kept in the data folder");
    }

    [Theory]
    [InlineData("nowak", "wrong password")]
    [InlineData("nobody", Password)]
    [InlineData("", "")]
    public async Task A_wrong_name_or_password_gets_the_same_answer(string name, string password)
    {
        await server.AddPersonAsync("nowak", Password, "rssi");
        using var browser = server.Browser();

        using var answer = await browser.SignInAsync(name, password);

        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()).Should().Contain(SignInTexts.Refused.Fr);
        (await IsSignedInAsync(browser)).Should().BeFalse();
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account_even_for_the_right_one()
    {
        await server.AddPersonAsync("nowak", Password, "rssi");
        using var browser = server.Browser();
        for (var i = 0; i < 5; i++)
        {
            using var wrong = await browser.SignInAsync("nowak", $"wrong {i}");
        }

        using var right = await browser.SignInAsync("nowak", Password);

        right.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_per_address()
    {
        using var browser = server.Browser();
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i <= RequestLimits.GuessesPerMinute; i++)
        {
            using var answer = await browser.PostAsync("/connexion/code", new FormUrlEncodedContent([]));
            answers.Add(answer.StatusCode);
        }

        answers[^1].Should().Be(HttpStatusCode.TooManyRequests);
        answers.Take(RequestLimits.GuessesPerMinute).Should().NotContain(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("/connexion")]
    [InlineData("/connexion/code")]
    [InlineData("/deconnexion")]
    public async Task A_form_without_its_token_is_refused(string action)
    {
        await server.AddPersonAsync("nowak", Password, "rssi");
        using var browser = server.Browser();
        (await browser.SignInAsync("nowak", Password)).Dispose();

        using var answer = await browser.PostAsync(action, new FormUrlEncodedContent([new("name", "nowak"), new("password", Password), new("code", "x")]));

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await IsSignedInAsync(browser)).Should().BeTrue("a forged sign-out must not work either");
    }

    [Theory]
    [InlineData("/rapport", "/rapport")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("", "/")]
    public async Task After_signing_in_one_lands_on_this_site_only(string wanted, string landed)
    {
        await server.AddPersonAsync("nowak", Password, "rssi");
        using var browser = server.Browser();

        using var answer = await browser.SubmitAsync("/connexion", "/connexion", ("name", "nowak"), ("password", Password), ("retour", wanted));

        answer.Headers.Location?.OriginalString.Should().Be(landed);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        await server.AddPersonAsync("nowak", Password, "rssi");
        using var browser = server.Browser();
        (await browser.SignInAsync("nowak", Password)).Dispose();

        using var answer = await browser.SubmitAsync("/connexion", "/deconnexion");

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await IsSignedInAsync(browser)).Should().BeFalse();
    }

    [Fact]
    public async Task Roles_and_the_display_name_are_claims()
    {
        var person = await server.AddPersonAsync("nowak", Password, "rssi", "dsi");

        var principal = await server.WithAsync<Microsoft.AspNetCore.Identity.IUserClaimsPrincipalFactory<Person>, System.Security.Claims.ClaimsPrincipal>(f => f.CreateAsync(person));

        principal.IsInRole("rssi").Should().BeTrue();
        principal.IsInRole("dsi").Should().BeTrue();
        principal.IsInRole("administrateur").Should().BeFalse();
        principal.FindFirst(AccessFeature.DisplayNameClaim)?.Value.Should().Be("nowak");
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        using var browser = server.Browser();

        foreach (var path in new[] { "/connexion", "/healthz", "/no-such-page", "/api/v1/agents/x/evidence" })
        {
            using var answer = await browser.GetAsync(path);
            answer.Headers.GetValues("Content-Security-Policy").Should().Equal(
                ["default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"], path);
            answer.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
            answer.Headers.GetValues("Referrer-Policy").Should().Equal("no-referrer");
            answer.Headers.Contains("Server").Should().BeFalse();
        }
    }

    [Theory]
    [InlineData("RSSI")]
    [InlineData("two words")]
    [InlineData("")]
    public async Task A_role_that_is_no_role_is_refused(string role)
    {
        var act = () => server.AddPersonAsync("nowak", Password, role);

        await act.Should().ThrowAsync<UsageException>();
        (await server.WithAsync<PeopleDirectory, Person?>(people => people.FindAsync("nowak"))).Should().BeNull("a person is added whole or not at all");
    }

    private static Task<HttpResponseMessage> SendCodeAsync(HttpClient browser, string code) => browser.SubmitAsync("/connexion", "/connexion/code", ("code", code));

    // A path that no page has: signed in one learns that, otherwise one is asked to sign in.
    private static async Task<bool> IsSignedInAsync(HttpClient browser)
    {
        using var answer = await browser.GetAsync("/");
        return answer.StatusCode != HttpStatusCode.Redirect && answer.StatusCode != HttpStatusCode.Unauthorized;
    }
}
