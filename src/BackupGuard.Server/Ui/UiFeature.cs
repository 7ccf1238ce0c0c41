using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace BackupGuard.Server.Ui;

/// <summary>What every page needs: the style sheet and the choice of language.</summary>
public static class UiFeature
{
    public const string LanguageCookie = "backupguard-lang";

    internal static void AddUi(this IServiceCollection services) => services.AddSingleton<PageFrames>();

    public static void MapUi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/site.css", (HttpContext context) =>
        {
            // The address carries the hash of the content.
            context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return TypedResults.Bytes(StyleSheet.Bytes, "text/css; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{StyleSheet.Hash}\""));
        }).AllowAnonymous();

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

    /// <summary>?lang= for this page alone, else the cookie, else what the browser asks for first, else French.</summary>
    public static Language LanguageOf(HttpRequest request)
    {
        var asked = request.Query["lang"].ToString();
        if (asked.Length == 0) asked = request.Cookies[LanguageCookie] ?? "";
        if (asked.Length == 0) asked = request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString()).FirstOrDefault() ?? "";
        return asked.StartsWith("en", true, CultureInfo.InvariantCulture) ? Language.English : Language.French;
    }
}
