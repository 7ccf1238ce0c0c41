using System.Xml.Linq;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>What every page must hold to, whatever it shows.</summary>
public static class Accessibility
{
    private static readonly string[] Allowed = ["presentation", "img"];

    /// <summary>Everything that is wrong with the page, in words.</summary>
    public static IReadOnlyList<string> Problems(HtmlPage page, string language)
    {
        List<string> problems = [];
        void Check(bool good, string problem)
        {
            if (!good) problems.Add(problem);
        }

        Check(page.Root.Name == "html" && page.Root.Attribute("lang")?.Value == language, "html lang");
        Check(!string.IsNullOrWhiteSpace(page.All("title").First().Value), "title");
        Check(page.All("h1").Count() == 1, "one h1");
        Check(page.All("main").Count() == 1, "one main");
        Check(page.All("main").Single().Attribute("id")?.Value == "contenu", "skip link target");
        Check(page.All("a").First().Attribute("href")?.Value == "#contenu", "skip link first");
        // One script, of our own, that no page needs.
        Check(page.All("script").All(s => s.Value == "" && s.Attribute("src")?.Value == SiteFile.Direct.Href), "script");
        Check(!page.All("style").Any(), "style element");
        Check(page.All("link").Count() == 1, "one style sheet");
        Check(!page.All("iframe").Any() && !page.All("object").Any() && !page.All("img").Any(), "embedded content");
        foreach (var element in page.Root.Descendants())
        {
            var name = element.Name.LocalName;
            foreach (var attribute in element.Attributes())
            {
                Check(attribute.Name != "style", $"style attribute on {name}");
                Check(!attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase), $"{attribute.Name} on {name}");
            }

            if (name is "a" or "form" or "link") Check(IsLocal(element), $"address outside: {element}");
            if (name == "a") Check(HasName(element), $"link without words: {element}");
            if (name == "button") Check(HasName(element), $"button without words: {element}");
            if (name == "th") Check(element.Attribute("scope") is not null, $"th without scope: {element}");
            if (name == "table") Check(element.Ancestors("section").Any() || element.Ancestors("main").Any(), "table outside main");
            if (name == "svg") Check(IsHidden(element) || HasLabel(element), $"svg without title: {element}");
            if (name is "input" or "select" or "textarea") Check(IsLabelled(element, page), $"field without label: {element}");
            if (name is "nav" or "aside") Check(element.Attribute("aria-label") is not null, $"{name} without a name");
            if (name == "section") Check(Labelled(element, page), "section without heading");
            // An evidence pack, a search, a card to open are asked for like a page: nothing changes.
            if (name == "form" && element.Attribute("method")?.Value == "get" && element.Attribute("action")?.Value is not (Urls.EvidencePack or Urls.Runbooks or Urls.Contacts) && !element.Attribute("action")!.Value.EndsWith("/papier", StringComparison.Ordinal)) problems.Add("form that changes by get");
            if (name is "use") Check(page.Root.Descendants("symbol").Any(s => "#" + s.Attribute("id")!.Value == element.Attribute("href")!.Value), $"unknown mark {element}");
        }

        return problems;
    }

    private static bool IsLocal(XElement element)
    {
        var url = (element.Attribute("href") ?? element.Attribute("action"))?.Value ?? "";
        return url is "site.css" or ['#' or '?', ..] || (url is ['/', ..] && !url.StartsWith("//", StringComparison.Ordinal));
    }

    private static bool HasName(XElement element) => !string.IsNullOrWhiteSpace(element.Value) || HasLabel(element);

    private static bool HasLabel(XElement element) =>
        !string.IsNullOrWhiteSpace(element.Attribute("aria-label")?.Value) && (element.Name != "svg" || Allowed.Contains(element.Attribute("role")?.Value))
        || element.Elements("title").Any(t => t.Value.Length > 0);

    private static bool IsHidden(XElement element) => element.AncestorsAndSelf().Any(e => e.Attribute("aria-hidden")?.Value == "true");

    private static bool IsLabelled(XElement field, HtmlPage page) =>
        field.Attribute("type")?.Value == "hidden"
        || field.Ancestors("label").Any(l => !string.IsNullOrWhiteSpace(l.Value))
        || page.All("label").Any(l => l.Attribute("for")?.Value is { } id && id == field.Attribute("id")?.Value);

    private static bool Labelled(XElement section, HtmlPage page) =>
        section.Attribute("aria-labelledby")?.Value is { } id
            ? page.Root.Descendants("h2").Any(h => h.Attribute("id")?.Value == id && h.Value.Length > 0)
            : section.Elements("h2").Any();
}
