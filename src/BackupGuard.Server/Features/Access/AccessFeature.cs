using System.Security.Claims;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Errors;
using BackupGuard.Server.Ui.SignIn;
using BackupGuard.Server.Ui.Texts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BackupGuard.Server.Features.Access;

/// <summary>Who may come in. Every route needs a signed-in person unless it says otherwise.</summary>
internal static class AccessFeature
{
    public const string SignInPath = "/connexion";
    public const string DisplayNameClaim = "display_name";

    public static void AddAccess(this IServiceCollection services)
    {
        services.AddIdentityCore<Person>(o =>
            {
                // Length beats composition rules (NIST SP 800-63B, 3.1.1.2).
                o.Password = new PasswordOptions { RequiredLength = 12, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false, RequiredUniqueChars = 4 };
                o.Lockout.MaxFailedAccessAttempts = 5;
                o.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
            })
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<ServerDatabase>()
            .AddSignInManager()
            .AddClaimsPrincipalFactory<PersonClaims>();
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies(o => o.ApplicationCookie!.Configure(Cookie)); // set by AddIdentityCookies itself
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddHttpContextAccessor();
        services.AddScoped<PeopleDirectory>();
    }

    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(SignInPath, (HttpContext context, string? code, string? retour) => PageAsync(context, code, retour, refused: false)).AllowAnonymous();
        routes.MapPost(SignInPath, WithPasswordAsync).AllowAnonymous().RequireRateLimiting(RequestLimits.SecretPolicy);
        routes.MapPost(SignInPath + "/code", WithCodeAsync).AllowAnonymous().RequireRateLimiting(RequestLimits.SecretPolicy);
        routes.MapPost("/deconnexion", async (SignInManager<Person> signIn) =>
        {
            await signIn.SignOutAsync();
            return TypedResults.LocalRedirect(SignInPath);
        }).WithMetadata(new RequireAntiforgeryTokenAttribute());
    }

    /// <summary>At the first start somebody must be able to come in: an administrator and a link that works once.</summary>
    public static async Task AnnounceFirstSignInAsync(this IServiceProvider services, string url, TextWriter announce, CancellationToken stop)
    {
        await using var scope = services.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<PeopleDirectory>();
        if (!await people.NobodyCanSignInAsync(stop))
        {
            return;
        }
        var admin = await people.FindAsync(PeopleDirectory.FirstAdministrator)
            ?? await people.AddAsync(PeopleDirectory.FirstAdministrator, "Administrateur", [Roles.Administrator], password: null);
        var code = await people.IssueCodeAsync(admin, stop);
        await announce.WriteLineAsync($"One-time administrator sign-in (15 minutes): {url}{SignInPath}?code={code}");
    }

    private static void Cookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "backupguard";
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.HttpOnly = true;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = TimeSpan.FromHours(12);
        options.LoginPath = SignInPath;
        options.ReturnUrlParameter = "retour";
        options.Events.OnRedirectToLogin = async context =>
        {
            // The session ended while somebody was writing: the words are shown, not thrown away.
            if (await WrittenForm.KeepPostedAsync(context.HttpContext)) await ErrorPages.ShowAsync(context.HttpContext, ErrorKind.SignedOut);
            else context.Response.Redirect(context.RedirectUri);
        };
        options.Events.OnRedirectToAccessDenied = context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        };
    }

    private static async Task<RazorComponentResult<SignInPage>> PageAsync(HttpContext context, string? code, string? returnTo, bool refused) => new(new
    {
        Frame = await context.RequestServices.GetRequiredService<PageFrames>().ForAsync(context),
        Code = code ?? "",
        ReturnTo = Local(returnTo),
        Problem = refused ? SignInTexts.Refused : null,
    })
    {
        StatusCode = refused ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
    };

    // One answer for a wrong name, a wrong password and a locked account: the form tells nobody which names exist.
    private static async Task<Results<RedirectHttpResult, RazorComponentResult<SignInPage>>> WithPasswordAsync(
        HttpContext context, [FromForm] string? name, [FromForm] string? password, [FromForm] string? retour, SignInManager<Person> signIn, UserManager<Person> people, ILogger<PeopleDirectory> log, TimeProvider clock)
    {
        var person = name is null ? null : await people.FindByNameAsync(name);
        if (person is null)
        {
            // As long as for a name that exists.
            people.PasswordHasher.HashPassword(new Person { DisplayName = "" }, password ?? "");
            return await PageAsync(context, null, retour, refused: true);
        }
        var result = await signIn.CheckPasswordSignInAsync(person, password ?? "", lockoutOnFailure: true);
        if (!result.Succeeded)
        {
            log.SignInRefused(result.IsLockedOut);
            return await PageAsync(context, null, retour, refused: true);
        }
        await WelcomeAsync(person, signIn, people, clock);
        return TypedResults.LocalRedirect(Local(retour));
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult<SignInPage>>> WithCodeAsync(
        HttpContext context, [FromForm] string? code, [FromForm] string? retour, PeopleDirectory directory, SignInManager<Person> signIn, UserManager<Person> people, ILogger<PeopleDirectory> log, TimeProvider clock, CancellationToken stop)
    {
        var person = code is null ? null : await directory.RedeemAsync(code, stop);
        if (person is null)
        {
            log.SignInRefused(locked: false);
            return await PageAsync(context, null, retour, refused: true);
        }
        await WelcomeAsync(person, signIn, people, clock);
        return TypedResults.LocalRedirect(Local(retour));
    }

    private static async Task WelcomeAsync(Person person, SignInManager<Person> signIn, UserManager<Person> people, TimeProvider clock)
    {
        person.LastSignedInAt = clock.GetUtcNow();
        await people.UpdateAsync(person);
        await signIn.SignInAsync(person, isPersistent: false);
    }

    private static string Local(string? url) => Urls.IsLocal(url) ? url : Urls.Portfolio;
}

/// <summary>What pages and the runs know about the person: id, name, display name and roles.</summary>
internal sealed class PersonClaims(UserManager<Person> people, RoleManager<IdentityRole> roles, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<Person, IdentityRole>(people, roles, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(Person user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new Claim(AccessFeature.DisplayNameClaim, user.DisplayName));
        return identity;
    }
}
