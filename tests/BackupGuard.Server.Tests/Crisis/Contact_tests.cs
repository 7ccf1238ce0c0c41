using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using BackupGuard.Server.Features.Contacts;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using BackupGuard.Server.Ui.Texts;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Server.Tests.Crisis;

public abstract class Contact_tests(Engine engine) : IAsyncLifetime
{
    public sealed class OnSqlite() : Contact_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Contact_tests(Engine.Postgres);

    private const string Password = "trois chevaux bleus";

    private TestServer server = null!;      // set by InitializeAsync before every test
    private HttpClient secretary = null!;

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync(engine);
        await server.AddPersonAsync("paule", Password, "secretaire");
        await server.AddPersonAsync("lea", Password, "lecteur");
        secretary = await SignedInAsync("paule");
    }

    public async Task DisposeAsync()
    {
        secretary.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_contact_is_added_found_tested_changed_and_removed_and_the_log_knows_only_how_many_there_are()
    {
        (await PageAsync("/annuaire")).Text.Should().Contain("L’annuaire est vide");
        await PostAsync("/annuaire/nouveau", Fields("Élise Météo", "0611223344\n0499887766", "rssi astreinte-reseau"));

        var page = await PageAsync("/annuaire?q=elise+RSSI");
        page.Text.Should().Contain("Élise Météo").And.Contain("0499887766").And.Contain("jamais joint").And.Contain("1 n’a pas été joint depuis 90 jours");
        (await PageAsync("/annuaire?q=absent")).Text.Should().Contain("Personne ne correspond");
        var id = Regex.Match(await secretary.GetStringAsync("/annuaire"), "href=\"/annuaire/([0-9a-f]{32})\"").Groups[1].Value;

        await PostAsync($"/annuaire/{id}/teste");
        (await PageAsync("/annuaire")).Text.Should().Contain("par paule").And.Contain("Tous ont été joints depuis moins de 90 jours");
        server.Clock.Advance(TimeSpan.FromDays(91));
        using var later = await SignedInAsync("paule");
        (await later.GetStringAsync("/annuaire")).Should().Contain("plus joint depuis 91");
        server.Clock.Advance(TimeSpan.FromDays(-91));

        await PostAsync($"/annuaire/{id}", [.. Fields("Élise Météo", "0611223344\n0499887766", "rssi"), ("note", "au bloc")]);
        (await PageAsync("/annuaire")).Text.Should().Contain("par paule", "the numbers are those that were tried");
        await PostAsync($"/annuaire/{id}", Fields("Élise Météo", "0611223345", "rssi"));
        (await PageAsync("/annuaire")).Text.Should().Contain("jamais joint", "another number was tried by nobody");

        await PostAsync($"/annuaire/{id}/retirer");
        (await PageAsync("/annuaire")).Text.Should().NotContain("Élise");
        var logged = new StringBuilder();
        await foreach (var entry in ((IEvidenceLog)server.Log).ReadAsync(0, CancellationToken.None)) logged.Append(entry.Entry.Type).Append(Encoding.UTF8.GetString(entry.Verified.Bytes.Span));
        logged.ToString().Should().Contain("contacts.changed").And.Contain("\"contacts\":1").And.NotContain("lise").And.NotContain("0611223344", "what was removed must be gone");
        server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task A_wrong_contact_is_refused_with_all_that_was_typed()
    {
        using var answer = await secretary.SubmitAsync("/annuaire/nouveau", "/annuaire/nouveau", ("type", "autorite"), ("nom", "CERT"), ("fonction", "signalement"), ("roles", "Pas Un Rôle"), ("telephones", "1"));

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var page = HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
        Accessibility.Problems(page, "fr").Should().BeEmpty();
        page.Text.Should().Contain("Un rôle est un mot en minuscules");
        page.All("input").Select(i => i.Attribute("value")?.Value).Should().Contain(["CERT", "signalement"]);
        (await PageAsync("/annuaire")).Text.Should().NotContain("CERT");
    }

    [Fact]
    public async Task Who_only_reads_reads_everything_and_changes_nothing()
    {
        await PostAsync("/annuaire/nouveau", Fields("Élise", "06", "rssi"));
        using var lea = await SignedInAsync("lea");

        var html = await lea.GetStringAsync("/annuaire");
        html.Should().Contain("Élise").And.NotContain("/teste").And.NotContain("importer");
        foreach (var path in new[] { "/annuaire/nouveau", "/annuaire/x", "/annuaire/x/teste", "/annuaire/x/retirer", "/annuaire/importer" })
        {
            (await lea.SubmitAsync("/annuaire", path, ("nom", "X"), ("telephones", "1"))).StatusCode.Should().Be(HttpStatusCode.Forbidden, path);
        }
    }

    [Fact]
    public async Task What_is_exported_comes_back_and_one_bad_line_takes_nothing()
    {
        await PostAsync("/annuaire/nouveau", Fields("=2+5", "+33611223344\n15", "rssi"));
        var csv = await secretary.GetByteArrayAsync("/annuaire/annuaire.csv");
        Encoding.UTF8.GetString(csv).Should().Contain(";'=2+5;").And.Contain("'+33611223344 | 15", "a spreadsheet would run it");

        (await ImportAsync(csv)).Text.Should().Contain("0 ajoutés, 1 mis à jour");
        (await secretary.GetByteArrayAsync("/annuaire/annuaire.csv")).Should().Equal(csv);

        var bad = Encoding.UTF8.GetString(csv) + "fournisseur;Éditeur;;;0102030405;;;;;;\r\npersonne;;;;06;;;;;;\r\n";
        var answer = await ImportAsync(Encoding.UTF8.GetBytes(bad));
        answer.Text.Should().Contain("Rien n’a été importé").And.Contain("Ligne 4").And.Contain("Le nom manque");
        (await PageAsync("/annuaire")).Text.Should().NotContain("Éditeur");
    }

    [Fact]
    public async Task Every_page_of_the_directory_can_be_read_by_everybody_in_both_languages()
    {
        await PostAsync("/annuaire/nouveau", Fields("Élise", "06", "rssi"));
        var id = Regex.Match(await secretary.GetStringAsync("/annuaire"), "href=\"/annuaire/([0-9a-f]{32})\"").Groups[1].Value;

        foreach (var path in new[] { "/annuaire", "/annuaire/imprimer", "/annuaire/nouveau", "/annuaire/" + id, "/pack-de-crise" })
        {
            Accessibility.Problems(await PageAsync(path), "fr").Should().BeEmpty(path);
            Accessibility.Problems(HtmlPage.Parse(await secretary.GetStringAsync(path + "?lang=en")), "en").Should().BeEmpty(path);
        }
    }

    private static (string, string)[] Fields(string name, string phones, string roles) => [("type", "personne"), ("nom", name), ("telephones", phones), ("roles", roles)];

    private async Task<HttpClient> SignedInAsync(string name)
    {
        var browser = server.Browser();
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        (await browser.SignInAsync(name, Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
        return browser;
    }

    private async Task<HtmlPage> PageAsync(string path) => HtmlPage.Parse(await secretary.GetStringAsync(path));

    private async Task PostAsync(string path, params (string, string)[] fields)
    {
        using var answer = await secretary.SubmitAsync("/annuaire", path, fields);
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect, $"{path}: {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<HtmlPage> ImportAsync(byte[] csv)
    {
        var token = WebUtility.HtmlDecode(Regex.Match(await secretary.GetStringAsync("/annuaire"), "name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"").Groups[1].Value);
        using var form = new MultipartFormDataContent { { new StringContent(token), "__RequestVerificationToken" }, { new ByteArrayContent(csv), "fichier", "annuaire.csv" } };
        using var answer = await secretary.PostAsync("/annuaire/importer", form);
        return HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
    }
}

public sealed class Contacts_csv_tests
{
    private const string Header = "type;nom;fonction;roles;telephones;autre-canal;joignable;contrat;note;teste-le;teste-par\r\n";
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> Cells = Gen.Elements("", "=cmd|' /C calc'!A0", "+33 6 11", "-1", "@x", "'=", "''", "'+1", "a;b", "dit \"oui\"", "deux\"", "é ", "x").Select(s => s.Trim());

    [Fact]
    public void Whatever_is_in_the_fields_comes_back_as_it_was_and_no_cell_begins_like_a_formula() => Prop.ForAll(
        (from name in Cells.Where(c => c.Length > 0)
         from function in Cells
         from phone in Cells.Where(c => !c.Contains('|', StringComparison.Ordinal))
         from note in Cells
         select new Contact("", ContactKind.Supplier, name) { Function = function, Phones = phone.Length > 0 ? [phone] : [], OtherChannel = "radio", Note = note }).ToArbitrary(),
        contact =>
        {
            var csv = ContactsCsv.Write([contact]);
            var (read, problems) = ContactsCsv.Read(csv, Now);
            problems.Should().BeEmpty();
            read.Single().Should().BeEquivalentTo(contact);
            Encoding.UTF8.GetString(csv).Split(['\n', ';', '\ufeff']).Select(c => c.TrimStart('"')).Should().NotContain(c => c.StartsWith('=') || c.StartsWith('+') || c.StartsWith('-') || c.StartsWith('@'));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", 0, nameof(ContactTexts.BadHeader))]
    [InlineData(Header, 0, nameof(ContactTexts.FileEmpty))]
    [InlineData("type;nom\r\n", 1, nameof(ContactTexts.BadHeader))]
    [InlineData(Header + "personne;A;;;06\r\n", 2, nameof(ContactTexts.BadColumns))]
    [InlineData(Header + "\r\nami;A;;;06;;;;;;\r\n", 3, nameof(ContactTexts.BadKind))]
    [InlineData(Header + "personne;A;;;;;;;;;\r\n", 2, nameof(ContactTexts.NoChannel))]
    [InlineData(Header + "personne;A;;;06;;;;;;\r\npersonne;A;;;07;;;;;;\r\n", 3, nameof(ContactTexts.Twice))]
    [InlineData(Header + "personne;A;;;06;;;;;2030-01-01;moi\r\n", 2, nameof(ContactTexts.BadTest))]
    [InlineData(Header + "personne;A;;;06;;;;;2026-01-01;\r\n", 2, nameof(ContactTexts.BadTest))]
    [InlineData(Header + "personne;\"A;;;06;;;;;;\r\n", 2, nameof(ContactTexts.BadQuotes))]
    [InlineData(Header + "personne;A\"B;;;06;;;;;;\r\n", 2, nameof(ContactTexts.BadQuotes))]
    [InlineData(Header + "personne;\"A\"B;;;06;;;;;;\r\n", 2, nameof(ContactTexts.BadQuotes))]
    [InlineData(Header + "personne;\"A\u0007\";;;06;;;;;;\r\n", 2, nameof(ContactTexts.TooLong))]
    public void The_bad_line_is_named_and_nothing_is_taken(string text, int line, string reason)
    {
        var (contacts, problems) = ContactsCsv.Read(Encoding.UTF8.GetBytes(text), Now);

        contacts.Should().BeEmpty();
        problems[0].Should().Be(new CsvProblem(line, (BackupGuard.Server.Ui.Phrase)typeof(ContactTexts).GetField(reason)!.GetValue(null)!));     // named above
    }

    [Fact]
    public void A_file_that_is_too_large_or_not_utf_8_is_refused_as_a_whole()
    {
        ContactsCsv.Read(new byte[ContactsCsv.MaxBytes + 1], Now).Problems.Single().Reason.Should().Be(ContactTexts.FileTooLarge);
        ContactsCsv.Read([0xe9, 0x0a], Now).Problems.Single().Reason.Should().Be(ContactTexts.NotUtf8);
    }
}
