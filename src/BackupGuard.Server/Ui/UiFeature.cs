using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace BackupGuard.Server.Ui;

/// <summary>What every page needs: the style sheet and the choice of language.</summary>
public static class UiFeature
{
    public const string LanguageCookie = "backupguard-lang";

    internal static void AddUi(this IServiceCollection services)
    {
        services.AddSingleton<PageFrames>();
        services.AddSingleton(PageEncoder);
    }

    /// <summary>Pages are UTF-8: accents stay letters. What HTML gives a meaning is escaped all the same.</summary>
    public static HtmlEncoder PageEncoder { get; } = HtmlEncoder.Create(UnicodeRanges.All);

    public static void MapUi(this IEndpointRouteBuilder routes)
    {
        MapFile(routes, "/site.css", SiteFile.Style, "text/css; charset=utf-8");
        MapFile(routes, "/direct.js", SiteFile.Direct, "text/javascript; charset=utf-8");

        routes.MapPost(Urls.Language, (HttpContext context, [FromForm] string? langue, [FromForm] string? retour) =>
        {
            context.Response.Cookies.Append(LanguageCookie, langue == "en" ? "en" : "fr", new CookieOptions
            {
                HttpOnly = true,
                SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Lax,
                Secure = context.Request.IsHttps,
                MaxAge = TimeSpan.FromDays(365),
                IsEssential = true,
            });
            return TypedResults.LocalRedirect(Urls.IsLocal(retour) ? retour : Urls.Portfolio);
        }).AllowAnonymous();
    }

    private static void MapFile(IEndpointRouteBuilder routes, string path, SiteFile file, string type) => routes.MapGet(path, (HttpContext context) =>
    {
        // The address carries the hash of the content.
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(file.Bytes, type, entityTag: new EntityTagHeaderValue($"\"{file.Hash}\""));
    }).AllowAnonymous();

    /// <summary>?lang= for this page alone, else the cookie, else what the browser asks for first, else French.</summary>
    public static Language LanguageOf(HttpRequest request)
    {
        var asked = request.Query["lang"].ToString();
        if (asked.Length == 0) asked = request.Cookies[LanguageCookie] ?? "";
        if (asked.Length == 0) asked = request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString()).FirstOrDefault() ?? "";
        return asked.StartsWith("en", true, CultureInfo.InvariantCulture) ? Language.English : Language.French;
    }
}
