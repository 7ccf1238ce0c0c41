using System.Text;
using BackupGuard.Server.Features.Paper;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.CrisisPack;

/// <summary>The pages of a crisis pack as files. Addresses are relative, and none leads out.</summary>
internal static class CrisisPackPages
{
    public static async Task<Dictionary<string, ReadOnlyMemory<byte>>> RenderAsync(CrisisPackView view)
    {
        await using var pages = new StaticPages();
        var files = new Dictionary<string, ReadOnlyMemory<byte>>
        {
            ["index.html"] = await pages.RenderAsync<PackHomePage>(With(view)),
            ["site.css"] = SiteFile.Style.Bytes,
            ["lisez-moi.txt"] = Encoding.UTF8.GetBytes(ReadMe(view)),
            ["contacts.html"] = await pages.RenderAsync<PackContactsPage>(With(view)),
            ["degrade.html"] = await pages.RenderAsync<PackDegradedPage>(With(view)),
            ["ordre.html"] = await pages.RenderAsync<PackOrderPage>(With(view)),
            ["preparation.html"] = await pages.RenderAsync<PackReadinessPage>(With(view)),
            ["declarations.html"] = await pages.RenderAsync<PackLegalPage>(With(view)),
            ["feuilles.html"] = await pages.RenderAsync<PackSheetsPage>(With(view)),
        };
        foreach (var book in view.Usable)
        {
            var definition = book.Definition!;      // filtered by Usable
            files[CrisisPackView.PageOf(book)] = await pages.RenderAsync<PackRunbookPage>(With(view, (nameof(PackRunbookPage.Book), book)));
            files[CrisisPackView.TextOf(book)] = Encoding.UTF8.GetBytes(definition.Text);
            files[CrisisPackView.CardsOf(book)] = await pages.RenderAsync<PackCardsPage>(With(view,
                (nameof(PackCardsPage.Book), book), (nameof(PackCardsPage.Cards), PaperCards.OfPlan(definition, view.Establishment, view.Reader))));
        }

        foreach (var book in view.Unusable) files[view.PageOfUnusable(book)] = await pages.RenderAsync<PackUnusablePage>(With(view, (nameof(PackUnusablePage.Book), book)));
        return files;
    }

    /// <summary>What is not in the pack although it should be.</summary>
    public static IEnumerable<Phrase> Missing(CrisisPackView view)
    {
        if (view.Runbooks.Count == 0) yield return CrisisPackTexts.NoRunbooks;
        if (view.Unusable.Any()) yield return CrisisPackTexts.SomeUnusable;
        if (view.Contacts is null) yield return CrisisPackTexts.ContactsUnreadable;
        if (view.Contacts is []) yield return CrisisPackTexts.ContactsEmpty;
        if (view.Catalogue is null) yield return CrisisPackTexts.NoCatalogue;
        if (view.Readiness is null) yield return CrisisPackTexts.ReadinessUnknown;
        if (view.LegalFiles.Count == 0) yield return CrisisPackTexts.NoLegal;
        if (view.LegalFiles.Any(f => f.Rows is null)) yield return CrisisPackTexts.LegalUnusable;
        if (view.Head is null) yield return CrisisPackTexts.LogUnreadable;
    }

    private static Dictionary<string, object?> With(CrisisPackView view, params (string Name, object Value)[] more)
    {
        var parameters = new Dictionary<string, object?> { ["View"] = view };
        foreach (var (name, value) in more) parameters[name] = value;
        return parameters;
    }

    private static string ReadMe(CrisisPackView view) => $"""
        {view.Establishment}
        {view.Reader.Say(CrisisPackTexts.Title)} : {view.Reader.Instant(view.AsOf)}
        {view.Reader.Say(CrisisPackTexts.Stale, ("day", view.Reader.WeekDay(view.StaleAfter)))}

        {view.Reader.Say(CrisisPackTexts.ReadMe)}

        backupguard-server pack --verify pack.zip --key {view.LogKey}

        """;
}
