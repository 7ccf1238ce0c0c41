using System.Net;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Paper;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>Forms that come too late or to the wrong address: each says why, and gives back every word that was typed.</summary>
public sealed class Refused_form_tests : IAsyncLifetime
{
    private RunHouse house = null!; // set by InitializeAsync before every test

    public async Task InitializeAsync() => house = await RunHouse.StartAsync(Engine.Sqlite);

    public async Task DisposeAsync() => await house.DisposeAsync();

    [Fact]
    public async Task Who_is_signed_in_no_more_is_shown_the_words_and_where_to_sign_in()
    {
        var run = await house.StartRunAsync();
        var token = await house.TokenAsync();
        house.Server.Clock.Advance(TimeSpan.FromHours(13));

        using var answer = await house.PostAsync(token, run + "/main-courante", ("commande", "tard"), ("type", "fait"), ("texte", "mot-de-la-nuit"), ("heure", "03:12"));

        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        var page = HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
        page.Text.Should().Contain("Vous n’êtes plus connecté").And.Contain("mot-de-la-nuit").And.Contain("03:12");
        page.All("a").Select(a => (string?)a.Attribute("href")).Should().Contain("/connexion");
        page.All("form").Select(f => (string?)f.Attribute("action")).Should().NotContain(run + "/main-courante", "it would be refused again");
        Accessibility.Problems(page, "fr").Should().BeEmpty();
        (await house.Anne.GetAsync(run)).StatusCode.Should().Be(HttpStatusCode.Redirect, "a page is asked for again after signing in");
        (await house.PostAsync(token, run + "/confirmer", ("commande", "x"))).StatusCode.Should().Be(HttpStatusCode.Redirect, "there are no words to give back");
        await house.SignInAgainAsync();
        (await house.EventsAsync(run)).Should().NotContain(e => e is EntryNoted);
    }

    [Fact]
    public async Task After_the_end_of_a_run_what_would_change_it_is_refused_with_the_words_given_back_and_what_tells_of_it_is_taken()
    {
        var run = await house.StartRunAsync();
        var token = await house.TokenAsync();
        await house.PostAsync(token, run + "/etapes/a", ("commande", "prendre"), ("issue", "prendre"), ("role", "tech"));
        await house.PostAsync(token, run + "/passages/voter", ("commande", "voter"), ("motif", "Vote ouvert"), ("role", "chef"));
        var request = (await house.RunAsync(run)).State.Requests.Keys.Single();
        (await house.PostAsync(token, run + "/passages/finir", ("commande", "fin"), ("motif", "Terminé"), ("role", ""))).StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await house.RunAsync(run)).Closed.Should().BeTrue();
        (string Address, (string, string)[] Fields, string Words)[] late =
        [
            ("/etapes/a", [("issue", "prendre")], ""),
            ("/etapes/a", [("issue", "fait"), ("remarque", "mot-fait"), ("heure", "21:40"), ("preuve-heure", "21:30")], "mot-fait"),
            ("/etapes/a", [("issue", "probleme"), ("remarque", "mot-probleme")], "mot-probleme"),
            ("/etapes/a", [("issue", "aide"), ("remarque", "mot-aide")], "mot-aide"),
            ("/etapes/a", [("issue", "rouvrir"), ("remarque", "mot-rouvrir")], "mot-rouvrir"),
            ("/etapes/a", [("issue", "passer"), ("remarque", "mot-passer")], "mot-passer"),
            ("/etapes/b", [("issue", "viser"), ("remarque", "mot-viser")], "mot-viser"),
            ("/etapes/b", [("issue", "non-conforme"), ("remarque", "mot-controle")], "mot-controle"),
            ("/etapes/d", [("issue", "decider"), ("choix", "oui"), ("remarque", "mot-decision"), ("role", "chef")], "mot-decision"),
            ("/passages/finir", [("motif", "mot-passage"), ("role", "")], "mot-passage"),
            ("/voix", [("demande", request), ("voix", "contre"), ("motif", "mot-voix"), ("role", "dir")], "mot-voix"),
            ("/faits", [("fait", "ok"), ("valeur", "false"), ("role", "chef")], "false"),
            ("/confirmer", [], ""),
            ("/modules", [("runbook", "autre"), ("motif", "mot-module")], "mot-module"),
            ("/releve", [("acte", "prendre"), ("role", "chef")], ""),
            ("/releve", [("acte", "remettre"), ("role", "chef"), ("remarque", "mot-remise")], "mot-remise"),
            ("/releve", [("acte", "refuser"), ("role", "chef"), ("demande", "x"), ("remarque", "mot-refus")], "mot-refus"),
            ("/modification", [("texte", "mot-plan\nautre ligne"), ("retirees", "a = mot-retire"), ("motif", "mot-avenant"), ("role", "")], "mot-retire"),
            ("/exercice", [("stimulus", Chronogramme.Debex), ("remarque", "mot-stimulus")], "mot-stimulus"),
        ];
        var before = await house.EventsAsync(run);

        foreach (var ((address, fields, words), number) in late.Select((l, i) => (l, i)))
        {
            using var answer = await house.PostAsync(token, run + address, [("commande", $"trop-tard-{number}"), .. fields]);
            ((int)answer.StatusCode).Should().BeLessThan(500, address);
            var page = HtmlPage.Parse(await house.SeenAsync(answer));
            page.Text.Replace('\u00a0', ' ').Should().Contain("La conduite est close (« fin »)", "{0} {1}", address, words);
            if (words.Length > 0) page.All("input").Concat(page.All("textarea")).Select(i => (string?)i.Attribute("value") ?? i.Value).Where(v => v.Contains(words, StringComparison.Ordinal)).Should().NotBeEmpty("{0} gives back {1}", address, words);
            Accessibility.Problems(page, "fr").Should().BeEmpty(address);
        }

        (await house.EventsAsync(run)).Skip(before.Count).Should().AllBeOfType<CommandRefused>().And.HaveCount(late.Length);

        (string Address, (string, string)[] Fields, Type Event)[] open =
        [
            ("/main-courante", [("type", "fait"), ("texte", "Les écrans sont revenus.")], typeof(EntryNoted)),
            ("/main-courante/corrections", [("ligne", "2"), ("texte", "C’était 21 h 40.")], typeof(EntryCorrected)),
            ("/degrade", [("procedure", "papier-urgences"), ("papier", "40"), ("ressaisis", "12")], typeof(BacklogCounted)),
            ("/papier", [("carte", "02-02"), ("heure", "21:30"), ("nom", "JEANNE MOREL"), ("issue", "fait")], typeof(PaperFactNoted)),
            ("/declarations/connaissance", [("evenement", "violation"), ("heure", "21:00"), ("motif", "Vu à l’écran"), ("role", "dpo")], typeof(AwarenessDeclared)),
            ("/declarations/n5/sans-objet", [("motif", "Pas de fuite"), ("role", "ROLE")], typeof(NotificationNotApplicable)),
            ("/exercice/retex", [("acte", "chaud"), ("texte", "La mallette manquait.")], typeof(LessonNoted)),
            ("/exercice/retex", [("acte", "action"), ("texte", "Acheter une mallette"), ("pilote", "dsi"), ("echeance", "2027-01-31")], typeof(ActionAgreed)),
        ];
        var rows = Features.Obligations.ObligationLibrary.Pinned((await house.RunAsync(run)).State)!;
        foreach (var ((address, fields, type), number) in open.Select((l, i) => (l, i)))
        {
            (string, string)[] filled = [.. fields.Select(f => f switch { ("role", "ROLE") => ("role", rows.Duty("n5")!.ValidatorRole.Id), ("evenement", _) => ("evenement", rows.Events[0].Id), ("role", "dpo") => ("role", rows.Events[0].SetBy[0].Id), _ => f })];
            using var answer = await house.PostAsync(token, run + address, [("commande", $"apres-{number}"), .. filled]);
            answer.StatusCode.Should().Be(HttpStatusCode.Redirect, address);
            answer.Headers.Location!.ToString().Should().NotContain("refus=", address);
            (await house.EventsAsync(run))[^1].Should().BeOfType(type, address);
        }

        house.Server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task What_is_given_back_can_be_corrected_and_sent_again_from_the_page_and_only_by_its_writer()
    {
        await house.Server.AddPersonAsync("bob", RunHouse.Password, "administrateur");
        using var bob = await house.SignedInAsync("bob");
        var run = await house.StartRunAsync();
        var token = await house.TokenAsync();

        using var refused = await house.PostAsync(token, run + "/main-courante", ("commande", "c1"), ("type", "decision"), ("heure", "vers neuf heures"), ("texte", "On bascule « tout » sur <papier>"), ("qui", "Dr Roy"));
        var page = HtmlPage.Parse(await house.SeenAsync(refused));
        page.Text.Should().Contain("Cette heure n’est pas lisible").And.Contain("Ce que vous aviez écrit");
        Accessibility.Problems(page, "fr").Should().BeEmpty();
        RunHouse.Text(await bob.GetStringAsync(refused.Headers.Location)).Should().NotContain("On bascule");
        var form = Form(page, run + "/main-courante", "t-written");
        form.Should().Contain(("type", "decision")).And.Contain(("heure", "vers neuf heures")).And.Contain(("texte", "On bascule « tout » sur <papier>")).And.Contain(("qui", "Dr Roy"));
        await house.Anne.PostAsync(run + "/main-courante", new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Name == "heure" ? "21:00" : f.Value))));

        (await house.EventsAsync(run)).OfType<EntryNoted>().Should().ContainSingle().Which.Should().BeEquivalentTo(new { Text = "On bascule « tout » sur <papier>", Speaker = "Dr Roy", Kind = EntryKind.Decision });
    }

    [Fact]
    public async Task What_was_refused_once_is_decided_anew_when_it_is_sent_again_from_the_refusal()
    {
        var run = await house.StartRunAsync();
        var token = await house.TokenAsync();
        using var early = await house.PostAsync(token, run + "/etapes/b", ("commande", "c1"), ("issue", "viser"), ("remarque", "Vu"));
        await house.PostAsync(token, run + "/etapes/b", ("commande", "c2"), ("issue", "fait"));
        await house.Server.AddPersonAsync("bob", RunHouse.Password, "administrateur");

        var again = Form(HtmlPage.Parse(await house.SeenAsync(early)), run + "/etapes/b", "t-written");

        again.Single(f => f.Name == "commande").Value.Should().NotBe("c1", "the answer to that one stands in the journal");
        using var answer = await house.Anne.PostAsync(run + "/etapes/b", new FormUrlEncodedContent(again.Select(f => KeyValuePair.Create(f.Name, f.Value))));
        (await house.EventsAsync(run)).OfType<CommandRefused>().Last().Reasons.Should().Contain(r => r.Code == "BG3225", "it is judged by what holds now: another person has to sign");
    }

    [Fact]
    public async Task A_form_of_another_run_says_so_and_leaves_both_as_they_were()
    {
        var (one, two, other) = (await house.StartRunAsync(), await house.StartRunAsync(), await house.StartRunAsync("autre"));
        var token = await house.TokenAsync();
        await house.PostAsync(token, one + "/releve", ("commande", "t"), ("acte", "prendre"), ("role", "chef"));
        await house.PostAsync(token, one + "/releve", ("commande", "o"), ("acte", "remettre"), ("role", "chef"), ("remarque", "Tout est dit"));
        await house.PostAsync(token, one + "/passages/voter", ("commande", "v"), ("motif", "Vote"), ("role", "chef"));
        var state = (await house.RunAsync(one)).State;
        string[] before = [await StandingAsync(one), await StandingAsync(two), await StandingAsync(other)];

        async Task<string> SentAsync(string address, params (string, string)[] fields)
        {
            using var answer = await house.PostAsync(token, address, [("commande", Guid.NewGuid().ToString("n")), .. fields]);
            ((int)answer.StatusCode).Should().BeInRange(302, 499, address);
            var html = await house.SeenAsync(answer);
            foreach (var (_, words) in fields.Where(f => f.Item2.StartsWith("mot-", StringComparison.Ordinal)))
            {
                html.Should().Contain($"value=\"{words}\"", "{0} gives back what was typed", address);
            }

            return RunHouse.Text(html);
        }

        (await SentAsync(two + "/releve", ("acte", "accepter"), ("role", "chef"), ("demande", state.Shifts.Offers.Keys.Single()))).Should().Contain("Cette demande n’est plus ouverte");
        (await SentAsync(two + "/voix", ("voix", "pour"), ("role", "dir"), ("demande", state.Requests.Keys.Single()), ("motif", "mot-ailleurs"))).Should().Contain("Cette demande n’est plus ouverte");
        (await SentAsync(two + "/etapes/zz", ("issue", "fait"), ("remarque", "mot-etape"))).Should().Contain("BG3295").And.Contain("n’existe pas à cette adresse");
        (await SentAsync("/conduites/rien/main-courante", ("type", "fait"), ("texte", "mot-perdu"))).Should().Contain("BG3295");
        (await SentAsync(two + "/passages/partir", ("motif", "mot-passage"), ("role", ""))).Should().Contain("n’est pas possible depuis");
        (await SentAsync(two + "/degrade", ("conduite", other.Split('/')[^1]), ("procedure", "inconnue"), ("papier", "3"), ("ressaisis", "1"))).Should().Contain("Procédure dégradée inconnue");
        (await SentAsync(two + "/modules", ("runbook", "disparu"), ("motif", "mot-module"))).Should().Contain("BG3296");
        (await SentAsync(two + "/declarations/n99/envoi", ("canal", "mail"), ("preuve", "mot-preuve"), ("role", "dpo"))).Should().Contain("BG3295");
        var definition = (await house.RunAsync(other)).Definition;
        foreach (var code in new[] { CardCode.OfRun(other.Split('/')[^1], "a", 1, definition.Sha256).ToString(), CardCode.OfRun(one.Split('/')[^1], "a", 1, state.DefinitionSha256).ToString() })
        {
            (await SentAsync(two + "/papier", ("carte", code), ("heure", "21:30"), ("nom", "JEANNE MOREL"), ("issue", "fait"), ("remarque", "mot-carte"))).Should().Contain("autre conduite");
        }

        (await SentAsync(two + "/papier", ("carte", "03-01"), ("heure", "21:30"), ("nom", "JEANNE MOREL"), ("issue", "fait"), ("remarque", "mot-numero"))).Should().Contain("Aucune carte de ce numéro").And.Contain("Ce que vous aviez écrit");

        new[] { await StandingAsync(one), await StandingAsync(two), await StandingAsync(other) }.Should().Equal(before);
        house.Server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task A_card_of_a_module_is_told_apart_from_one_of_its_parent()
    {
        var parent = await house.StartRunAsync();
        var token = await house.TokenAsync();
        await house.PostAsync(token, parent + "/etapes/m", ("commande", "p"), ("issue", "prendre"));
        await house.PostAsync(token, parent + "/modules", ("commande", "m"), ("runbook", "autre"), ("etape", "m"), ("motif", ""));
        var child = "/conduites/" + (await house.RunAsync(parent)).State.Modules.Keys.Single();
        var code = CardCode.OfRun(child.Split('/')[^1], "a", 1, (await house.RunAsync(child)).Definition.Sha256).ToString();
        (string, string)[] card = [("carte", code), ("heure", "21:30"), ("nom", "JEANNE MOREL"), ("issue", "probleme"), ("remarque", "mot-carte")];

        using var wrong = await house.PostAsync(token, parent + "/papier", [("commande", "c"), .. card]);
        var page = HtmlPage.Parse(await house.SeenAsync(wrong));
        page.Text.Replace('\u00a0', ' ').Should().Contain("« autre », qui fait partie de cette crise", "whoever copies cards is told whose it is");
        page.All("a").Select(a => (string?)a.Attribute("href")).Should().Contain(h => h!.StartsWith(child + "/papier", StringComparison.Ordinal));
        using var right = await house.PostAsync(token, child + "/papier", [("commande", "c"), .. card]);

        right.Headers.Location!.ToString().Should().StartWith(child + "/papier?fait=");
        (await house.EventsAsync(parent)).Should().NotContain(e => e.Paper != null);
        (await house.EventsAsync(child)).OfType<StepFailed>().Should().ContainSingle();
    }

    private async Task<string> StandingAsync(string run)
    {
        var now = await house.RunAsync(run);
        return $"{now.State.State} {string.Join(',', now.State.Steps.Keys)} {now.State.Requests.Count} {now.State.Shifts.Offers.Count} {now.State.Modules.Count} {now.Events.Count(e => e is not CommandRefused)}";
    }

    private static List<(string Name, string Value)> Form(HtmlPage page, string action, string section) =>
    [
        .. page.All("section").Single(s => (string?)s.Attribute("aria-labelledby") == section).Descendants("form").Single(f => (string?)f.Attribute("action") == action).Descendants()
            .Where(e => e.Name.LocalName is "input" or "textarea" && e.Attribute("name") is not null).Select(e => ((string)e.Attribute("name")!, (string?)e.Attribute("value") ?? e.Value)),
    ];
}
