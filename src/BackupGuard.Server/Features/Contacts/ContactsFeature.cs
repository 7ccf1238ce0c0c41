using System.Security.Claims;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BackupGuard.Server.Features.Contacts;

/// <summary>The directory that is left when mail and the intranet are gone. Everybody who is signed in reads it; four roles write it.</summary>
internal static class ContactsFeature
{
    public static void AddContacts(this IServiceCollection services) => services.AddScoped<ContactDirectory>();

    public static void MapContacts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Urls.Contacts, ListAsync);
        routes.MapGet(Urls.Contacts + "/imprimer", PrintAsync);
        routes.MapGet(Urls.Contacts + "/annuaire.csv", ExportAsync);
        routes.MapGet(Urls.Contacts + "/nouveau", (HttpContext context, PageFrames frames) => FormAsync(context, frames, new Contact("", ContactKind.Person, ""), null));
        routes.MapGet(Urls.Contacts + "/{contact}", async Task<IResult> (HttpContext context, string contact, PageFrames frames, ContactDirectory directory) =>
            await directory.FindAsync(contact, context.RequestAborted) is { } found ? await FormAsync(context, frames, found, null) : Results.NotFound());

        // These read their form themselves: nothing else would ask for its token.
        var forms = routes.MapGroup("").WithMetadata(new RequireAntiforgeryTokenAttribute());
        forms.MapPost(Urls.Contacts + "/importer", ImportAsync);
        forms.MapPost(Urls.Contacts + "/nouveau", (HttpContext context, PageFrames frames, ContactDirectory directory) => SaveAsync(context, "", frames, directory));
        forms.MapPost(Urls.Contacts + "/{contact}", SaveAsync);
        forms.MapPost(Urls.Contacts + "/{contact}/teste", TestedAsync);
        forms.MapPost(Urls.Contacts + "/{contact}/retirer", RemoveAsync);
    }

    public static bool MayEdit(ClaimsPrincipal user) => new[] { Roles.Administrator, "secretaire", "dsi", "rssi" }.Any(user.IsInRole);

    private static async Task<RazorComponentResult<ContactsPage>> ListAsync(HttpContext context, string? q, PageFrames frames, ContactDirectory directory) =>
        await PageAsync(context, q ?? "", frames, directory, null);

    private static async Task<RazorComponentResult<ContactsPage>> PageAsync(HttpContext context, string search, PageFrames frames, ContactDirectory directory, ImportAnswer? answer)
    {
        var frame = await frames.ForAsync(context);
        var all = await directory.AllAsync(context.RequestAborted);
        return new RazorComponentResult<ContactsPage>(new
        {
            Frame = frame,
            View = new ContactsView([.. all.Where(c => c.Matches(search))], all.Count, frame.At) { Search = search, MayEdit = MayEdit(context.User), Import = answer },
        })
        {
            StatusCode = answer?.Problems.Count > 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
        };
    }

    private static async Task<RazorComponentResult<ContactsPrintPage>> PrintAsync(HttpContext context, PageFrames frames, ContactDirectory directory)
    {
        var frame = await frames.ForAsync(context);
        return new(new { Frame = frame, Contacts = await directory.AllAsync(context.RequestAborted) });
    }

    private static async Task<FileContentHttpResult> ExportAsync(HttpContext context, ContactDirectory directory) =>
        TypedResults.File(ContactsCsv.Write(await directory.AllAsync(context.RequestAborted)), "text/csv; charset=utf-8", "annuaire.csv");

    private static async Task<RazorComponentResult<ContactPage>> FormAsync(HttpContext context, PageFrames frames, Contact contact, Phrase? problem) =>
        new(new { Frame = await frames.ForAsync(context), Contact = contact, Problem = problem, MayEdit = MayEdit(context.User) })
        {
            StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        };

    private static async Task<IResult> SaveAsync(HttpContext context, string contact, [FromServices] PageFrames frames, [FromServices] ContactDirectory directory)
    {
        if (!MayEdit(context.User)) return Forbidden();
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var posted = new Contact(contact, ContactsCsv.KindOf(Text(form, "type")) ?? ContactKind.Person, Text(form, "nom"))
        {
            Function = Text(form, "fonction"),
            Roles = Text(form, "roles").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
            Phones = Text(form, "telephones").Split(['\n', '\r', '|'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            OtherChannel = Text(form, "autre"),
            Reachable = Text(form, "joignable"),
            Contract = Text(form, "contrat"),
            Note = Text(form, "note"),
        };
        return await directory.SaveAsync(posted, context.RequestAborted) is { } problem ? await FormAsync(context, frames, posted, problem) : Results.LocalRedirect(Urls.Contacts);
    }

    private static async Task<IResult> TestedAsync(HttpContext context, string contact, [FromServices] ContactDirectory directory)
    {
        if (!MayEdit(context.User)) return Forbidden();
        return await directory.TestedAsync(contact, RunsFeature.ActorOf(context.User).Name, context.RequestAborted) ? Results.LocalRedirect(Urls.Contacts) : Results.NotFound();
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, string contact, [FromServices] ContactDirectory directory)
    {
        if (!MayEdit(context.User)) return Forbidden();
        return await directory.RemoveAsync(contact, context.RequestAborted) ? Results.LocalRedirect(Urls.Contacts) : Results.NotFound();
    }

    private static async Task<IResult> ImportAsync(HttpContext context, [FromServices] PageFrames frames, [FromServices] ContactDirectory directory)
    {
        if (!MayEdit(context.User)) return Forbidden();
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (form.Files.GetFile("fichier") is not { } file) return Results.LocalRedirect(Urls.Contacts);
        var bytes = new byte[Math.Min(file.Length, ContactsCsv.MaxBytes + 1)];
        await using (var stream = file.OpenReadStream()) await stream.ReadExactlyAsync(bytes, context.RequestAborted);
        return await PageAsync(context, "", frames, directory, await directory.ImportAsync(bytes, context.RequestAborted));
    }

    private static string Text(IFormCollection form, string name) => form[name].ToString().Trim();

    private static StatusCodeHttpResult Forbidden() => TypedResults.StatusCode(StatusCodes.Status403Forbidden);
}

/// <param name="Found">Those that the search found.</param>
/// <param name="Total">All there are.</param>
public sealed record ContactsView(IReadOnlyList<Contact> Found, int Total, DateTimeOffset Now)
{
    public string Search { get; init; } = "";
    public bool MayEdit { get; init; }
    internal ImportAnswer? Import { get; init; }

    public int Untested => Found.Count(c => !c.IsTested(Now));
}
