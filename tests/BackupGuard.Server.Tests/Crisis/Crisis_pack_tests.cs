using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Server.Features.CrisisPack;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using BackupGuard.Server.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Crisis;

public sealed class Crisis_pack_tests : IAsyncLifetime
{
    private const string Password = "trois chevaux bleus";
    private const string Catalogue = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Europe/Paris
        applications:
          - { id: dpi, name: Dossier patient, service: Soins, vital: true, dmia: PT8H, dependsOn: [annuaire] }
          - { id: annuaire, name: Annuaire technique, service: DSI }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-crisis-pack-").FullName;
    private TestServer server = null!;      // set by InitializeAsync before every test

    private string Runbooks => Path.Combine(folder, "runbooks");

    private string Kept => Path.Combine(folder, "packs");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Kept);
        Directory.CreateDirectory(Path.Combine(Runbooks, "legal"));
        foreach (var name in new[] { "endiguement-bouton-rouge.yaml", "degrade/degrade-biologie.yaml" })
        {
            File.Copy(Path.Combine(TestFiles.Root, "runbooks", name), Path.Combine(Runbooks, Path.GetFileName(name)));
        }
        File.WriteAllText(Path.Combine(Runbooks, "Cassé <b>.yaml"), "format: backupguard.runbook/v1\nid: [\n# Débranchez d’abord le câble bleu <script>\n");
        File.WriteAllText(Path.Combine(Runbooks, "legal", "horloges.yaml"), "format: backupguard.obligations/v1\n# CNIL 72 h\n");
        server = TestServer.Prepare(Engine.Sqlite);
        File.WriteAllText(server.CatalogueFile, Catalogue);
        (server.Runbooks, server.CrisisPacksKept) = (Runbooks, 3);
        await server.StartAgainAsync();
        await server.AddPersonAsync("paule", Password, "secretaire");
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_pack_holds_every_runbook_card_contact_and_answer_and_says_what_it_does_not_know()
    {
        await AddContactAsync();
        var files = PackArchive.Open((await MakeAsync()).Zip);

        Text(files, "index.html").Should().Contain("Endiguement\u00a0: le bouton rouge").And.Contain("CH de Valmont").And.Contain("Périmé après le");
        var runbook = Text(files, "runbooks/endiguement-bouton-rouge.html");
        runbook.Should().Contain("Allez à la baie de sauvegarde").And.Contain("Coupez tous les accès à internet").And.Contain("steps.isoler-sauvegardes.finished", "the guard too");
        var cards = Text(files, "cartes/endiguement-bouton-rouge.html");
        Regex.Count(cards, "<article").Should().Be(12);
        Text(files, "textes/endiguement-bouton-rouge.txt").Should().StartWith("# yaml-language-server");
        Text(files, "degrade.html").Should().Contain("Cahier d’appels");
        Text(files, "contacts.html").Should().Contain("Jeanne").And.Contain("0611223344");
        Text(files, "ordre.html").Should().Contain("Annuaire technique").And.Contain("limite non définie");
        Text(files, "preparation.html").Should().Contain("Dossier patient").And.Contain("inconnu").And.Contain("Non prouvé");
        Text(files, "declarations.html").Should().Contain("CNIL 72 h");
        Text(files, "checkpoint.txt").Should().StartWith("backupguard/");
        var broken = Text(files, "inutilisables/001.html");
        broken.Should().Contain("Le programme ne peut pas lire ce runbook").And.Contain("Débranchez d’abord le câble bleu <script>");
        Raw(files, "inutilisables/001.html").Should().NotContain("<script>");
        Text(files, "index.html").Should().Contain("Cassé <b>.yaml");
    }

    [Fact]
    public async Task Legal_duties_are_a_table_to_act_on_and_a_file_with_faults_is_its_text_with_a_warning()
    {
        File.Copy(Path.Combine(TestFiles.Root, "runbooks", "legal", "declarations.yaml"), Path.Combine(Runbooks, "legal", "declarations.yaml"));

        var made = await MakeAsync();

        var page = HtmlPage.Parse(Raw(PackArchive.Open(made.Zip), "declarations.html"));
        string Row(string duty) => page.All("tr").Select(r => r.Value.Replace('\u00a0', ' ')).Single(r => r.TrimStart().StartsWith(duty + " ", StringComparison.Ordinal));
        Row("N1B").Should().Contain("09 72 43 91 25").And.Contain("Suspicion d’incident majeur").And.Contain("le déclare : Astreinte informatique").And.Contain("tout de suite").And.Contain("15 min")
            .And.Contain("téléphone mobile").And.Contain("À dire : Établissement").And.Contain("certitude : page lue").And.Contain("texte non vérifié").And.Contain("[S94]").And.Contain("envoie : Astreinte informatique");
        Row("N4A").Should().Contain("72 h après le départ").And.Contain("Objectif interne : 48 h").And.NotContain("fermée");
        Row("N2-OIV").Should().Contain("fermée").And.Contain("certitude : usage, sans page lue");
        var text = page.Root.Value;
        text.Should().NotContain("startEvent", "the text of a file that can be read is not shown raw");
        text.Should().Contain("Ce fichier a des fautes").And.Contain("# CNIL 72 h").And.Contain("BG30");
        made.Incomplete.Should().Contain(p => p.Fr.Contains("échéances légales ne peut pas être lu"));
    }

    [Fact]
    public async Task Every_page_is_well_formed_and_every_address_leads_to_a_file_of_the_pack()
    {
        var files = PackArchive.Open((await MakeAsync()).Zip);
        var pages = files.Names.Where(n => n.EndsWith(".html", StringComparison.Ordinal)).ToArray();

        pages.Should().HaveCountGreaterThan(10);
        foreach (var name in pages)
        {
            var page = HtmlPage.Parse(Raw(files, name));
            page.All("h1").Should().ContainSingle(name);
            page.All("script").Concat(page.All("img")).Concat(page.All("style")).Should().BeEmpty(name);
            page.All("th").Where(t => t.Attribute("scope") is null).Should().BeEmpty(name);
            foreach (var address in page.All("a").Concat(page.All("link")).Select(a => a.Attribute("href")!.Value))
            {
                if (address[0] == '#')
                {
                    page.Root.Descendants().Should().Contain(e => e.Attribute("id") != null && "#" + e.Attribute("id")!.Value == address, $"{name}: {address}");
                    continue;
                }
                address.Should().NotStartWith("/").And.NotContain(":", $"{name}: nothing leads out");
                var target = new Uri(new Uri("file:///" + name), address).AbsolutePath.TrimStart('/');
                files.Names.Should().Contain(target, $"{name}: {address}");
            }
        }
    }

    [Fact]
    public async Task The_same_content_at_the_same_instant_gives_the_same_bytes_but_for_the_signature()
    {
        var (first, second) = (PackArchive.Open((await MakeAsync()).Zip), PackArchive.Open((await MakeAsync()).Zip));

        first.Names.Should().BeEquivalentTo(second.Names);
        first.Names.Where(n => n != PackNames.ManifestSignature).Should().OnlyContain(n => first.Read(n).ToArray().SequenceEqual(second.Read(n).ToArray()));
    }

    [Fact]
    public async Task A_changed_byte_a_file_too_many_and_a_file_too_few_are_found_and_another_key_is_not_believed()
    {
        var zip = (await MakeAsync()).Zip;
        var key = server.Services.GetRequiredService<ServerIdentity>().LogKey;
        var (manifest, none) = CrisisPackManifest.Check(zip, key);
        none.Should().BeEmpty();
        manifest!.Size.Should().BePositive();
        var files = PackArchive.Open(zip);
        Dictionary<string, ReadOnlyMemory<byte>> Copy() => files.Names.ToDictionary(n => n, files.Read);

        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var broken = (byte[])zip.Clone();
            broken[random.Next(zip.Length)] ^= (byte)(1 << random.Next(8));
            CrisisPackManifest.Check(broken, key).Problems.Should().NotBeEmpty("a header of the archive may be what was hit: then it is not the archive that was written");
        }
        var changed = Copy();
        changed["contacts.html"] = Encoding.UTF8.GetBytes("<p>06 00 00 00 00</p>");
        CrisisPackManifest.Check(PackArchive.Write(changed), key).Problems.Should().ContainSingle(p => p.Code == "BG2034");
        var fewer = Copy();
        fewer.Remove("ordre.html");
        CrisisPackManifest.Check(PackArchive.Write(fewer), key).Problems.Should().ContainSingle(p => p.Code == "BG2035");
        var more = Copy();
        more["appelez-moi.html"] = new byte[1];
        CrisisPackManifest.Check(PackArchive.Write(more), key).Problems.Should().ContainSingle(p => p.Code == "BG2037");
        using var other = EvidenceKey.Generate();
        CrisisPackManifest.Check(zip, new NoteKey(key.Name, other.PublicKey)).Problems.Should().ContainSingle(p => p.Code == "BG2036");
        CrisisPackManifest.Check(new byte[100], key).Problems.Should().ContainSingle(p => p.Code == "BG2030");
    }

    [Fact]
    public async Task Without_its_parts_a_pack_is_made_all_the_same_and_names_them()
    {
        await server.StopAsync();
        File.Delete(server.CatalogueFile);
        Directory.Delete(Runbooks, recursive: true);
        await server.StartAgainAsync();
        server.Sql("UPDATE checkpoints SET note = CAST('x' AS BLOB)");
        server.Sql("DROP TABLE contacts");

        var made = await MakeAsync();

        var index = Text(PackArchive.Open(made.Zip), "index.html");
        index.Should().Contain("Ce pack est incomplet").And.Contain("Aucun runbook").And.Contain("L’annuaire n’a pas pu être lu").And.Contain("ordre de reprise est inconnu").And.Contain("Préparation\u00a0: inconnue").And.Contain("Le journal de preuves n’a pas pu être lu");
        CrisisPackManifest.Check(made.Zip, server.Services.GetRequiredService<ServerIdentity>().LogKey).Problems.Should().BeEmpty();
    }

    [Fact]
    public async Task Each_night_one_is_kept_the_newest_stay_and_the_age_is_said()
    {
        using var browser = await BrowserAsync();
        (await browser.GetStringAsync("/")).Should().Contain("Aucun pack de crise n’est gardé");
        await server.StopAsync();
        server.CrisisPacks = Kept;
        await server.StartAgainAsync();
        var rounds = server.Services.GetRequiredService<CrisisPackRounds>();
        var stranger = Path.Combine(Kept, "pack-crise-notes.zip");
        await File.WriteAllTextAsync(stranger, "à moi");

        for (var night = 0; night < 5; night++)
        {
            (await rounds.RoundAsync(CancellationToken.None)).Should().BeTrue();
            (await rounds.RoundAsync(CancellationToken.None)).Should().BeTrue("a second time in the same night does nothing");
            rounds.Standing().Kept.Should().HaveCount(Math.Min(night + 1, 3));
            server.Clock.Advance(TimeSpan.FromDays(1));
        }
        rounds.Standing().Kept.Should().BeInDescendingOrder(k => k.At);
        File.Exists(stranger).Should().BeTrue("only packs that this server wrote are removed");
        var newest = Path.Combine(Kept, rounds.Standing().Kept[0].FileName);
        File.GetUnixFileMode(newest).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        CrisisPackManifest.Check(await File.ReadAllBytesAsync(newest), server.Services.GetRequiredService<ServerIdentity>().LogKey).Problems.Should().BeEmpty();

        using var again = await BrowserAsync();
        (await again.GetStringAsync("/")).Should().Contain("Le dernier pack de crise gardé a été fait il y a");
        server.Clock.Advance(TimeSpan.FromDays(8));
        using var later = await BrowserAsync();
        (await later.GetStringAsync("/")).Should().Contain("il est périmé depuis qu’il a dépassé 7 jours");
    }

    [Fact]
    public async Task A_night_that_failed_is_said_on_the_page_and_tried_again_later()
    {
        await server.StopAsync();
        server.CrisisPacks = Path.Combine(folder, "absent");
        await server.StartAgainAsync();
        var rounds = server.Services.GetRequiredService<CrisisPackRounds>();

        // The server itself may have tried already.
        await rounds.RoundAsync(CancellationToken.None);
        using var browser = await BrowserAsync();
        (await browser.GetStringAsync("/pack-de-crise")).Should().Contain("Le dernier essai a échoué").And.Contain("absent");
        Directory.CreateDirectory(Path.Combine(folder, "absent"));
        (await rounds.RoundAsync(CancellationToken.None)).Should().BeTrue("half an hour has not gone by");
        rounds.Standing().Kept.Should().BeEmpty();
        server.Clock.Advance(TimeSpan.FromMinutes(31));
        (await rounds.RoundAsync(CancellationToken.None)).Should().BeTrue();
        rounds.Standing().Should().Match<CrisisPackStanding>(s => s.Kept.Count == 1 && s.Failure == null);
    }

    [Fact]
    public async Task It_is_made_on_demand_by_those_who_act_and_not_by_those_who_watch()
    {
        await server.AddPersonAsync("lea", Password, "lecteur");
        using var paule = await BrowserAsync();
        using var lea = await BrowserAsync("lea");

        using var answer = await paule.SubmitAsync("/pack-de-crise", "/pack-de-crise");
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/zip");
        CrisisPackManifest.Check(await answer.Content.ReadAsByteArrayAsync(), server.Services.GetRequiredService<ServerIdentity>().LogKey).Problems.Should().BeEmpty();
        (await lea.SubmitAsync("/pack-de-crise", "/pack-de-crise")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    private static string Raw(PackArchive files, string name) => Encoding.UTF8.GetString(files.Read(name).Span);

    private static string Text(PackArchive files, string name) => WebUtility.HtmlDecode(Raw(files, name));

    private Task<MadeCrisisPack> MakeAsync() => server.WithAsync<CrisisPackMaker, MadeCrisisPack>(maker => maker.MakeAsync(Language.French, CancellationToken.None));

    private Task<Phrase?> AddContactAsync() => server.WithAsync<BackupGuard.Server.Features.Contacts.ContactDirectory, Phrase?>(d => d.SaveAsync(
        new("", BackupGuard.Server.Features.Contacts.ContactKind.Person, "Jeanne") { Phones = ["0611223344"] }, CancellationToken.None));

    private async Task<HttpClient> BrowserAsync(string name = "paule")
    {
        var browser = server.Browser();
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        (await browser.SignInAsync(name, Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
        return browser;
    }
}
