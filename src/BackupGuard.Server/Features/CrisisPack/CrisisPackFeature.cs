using System.Globalization;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BackupGuard.Server.Features.CrisisPack;

internal static class CrisisPackFeature
{
    public static void AddCrisisPack(this IServiceCollection services) => services.AddScoped<CrisisPackMaker>();

    public static void AddNightlyCrisisPacks(this IServiceCollection services) => services.AddSingleton<CrisisPackRounds>().AddHostedService<CrisisPackWorker>();

    public static void MapCrisisPack(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Urls.CrisisPack, PageAsync);
        routes.MapPost(Urls.CrisisPack, MakeAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
    }

    private static async Task<RazorComponentResult<CrisisPackPage>> PageAsync(HttpContext context, PageFrames frames, CrisisPackRounds rounds) =>
        new(new { Frame = await frames.ForAsync(context), Standing = rounds.Standing(), MayMake = RunRoles.MayAct(context.User, "") });

    // It holds the whole directory: who only watches reads it here.
    private static async Task<IResult> MakeAsync(HttpContext context, [FromServices] CrisisPackMaker maker)
    {
        if (!RunRoles.MayAct(context.User, "")) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var made = await maker.MakeAsync(UiFeature.LanguageOf(context.Request), context.RequestAborted);
        return Results.File(made.Zip, "application/zip", $"pack-crise-{made.AsOf.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}.zip");
    }
}
