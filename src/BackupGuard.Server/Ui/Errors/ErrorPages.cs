using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Ui.Errors;

/// <summary>Pages for the answers that are not what was asked for. The API has its own, in RFC 9457.</summary>
internal static class ErrorPages
{
    /// <param name="happened">What exactly happened, where that is known; null: the sentence of the kind.</param>
    public static RazorComponentResult<ErrorPage> Of(HttpContext context, ErrorKind kind, Phrase? happened = null) => new(new
    {
        Frame = context.RequestServices.GetRequiredService<PageFrames>().ForError(context),
        Kind = kind,
        Happened = happened,
        Reference = kind == ErrorKind.Failure ? context.TraceIdentifier : "",
        Written = WrittenForm.Of(context),
    })
    {
        StatusCode = Status(kind),
    };

    public static Task ShowAsync(HttpContext context, ErrorKind kind) => Of(context, kind).ExecuteAsync(context);

    /// <summary>Gives a body to 400, 403 and 404 that have none, on pages.</summary>
    public static void UseErrorPages(this IApplicationBuilder app) => app.UseStatusCodePages(async status =>
    {
        var context = status.HttpContext;
        ErrorKind? kind = context.Response.StatusCode switch
        {
            StatusCodes.Status400BadRequest => ErrorKind.Refused,
            StatusCodes.Status403Forbidden => ErrorKind.Forbidden,
            StatusCodes.Status404NotFound => ErrorKind.NotFound,
            _ => null,
        };
        if (kind is { } known && !context.Request.Path.StartsWithSegments("/api")) await ShowAsync(context, known);
    });

    private static int Status(ErrorKind kind) => kind switch
    {
        ErrorKind.NotFound or ErrorKind.NoTarget => StatusCodes.Status404NotFound,
        ErrorKind.SignedOut => StatusCodes.Status401Unauthorized,
        ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        ErrorKind.Refused => StatusCodes.Status400BadRequest,
        ErrorKind.NotRecorded => StatusCodes.Status409Conflict,
        ErrorKind.StoreFails => StatusCodes.Status503ServiceUnavailable,
        ErrorKind.Failure => StatusCodes.Status500InternalServerError,
    };
}
