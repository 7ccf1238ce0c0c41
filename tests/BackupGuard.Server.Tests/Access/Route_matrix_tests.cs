using System.Net;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Access;

/// <summary>Who gets which answer where. A route that is not listed here fails.</summary>
public sealed class Route_matrix_tests
{
    private const int SignIn = 302;

    private const string Catalogue = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Europe/Paris
        applications:
          - id: dpi
            name: Dossier patient
        """;

    /// <summary>Route, a path on it, and the status for: nobody, a reader, an administrator.</summary>
    private static readonly (string Route, string Path, int Nobody, int Reader, int Administrator)[] Matrix =
    [
        ("GET /healthz", "/healthz", 200, 200, 200),
        ("GET /readyz", "/readyz", 200, 200, 200),
        ("GET /connexion", "/connexion", 200, 200, 200),
        ("POST /connexion", "/connexion", 400, 400, 400),
        ("POST /connexion/code", "/connexion/code", 400, 400, 400),
        ("POST /deconnexion", "/deconnexion", SignIn, 400, 400),
        ("GET /site.css", "/site.css", 200, 200, 200),
        ("GET /direct.js", "/direct.js", 200, 200, 200),
        ("POST /langue", "/langue", 400, 400, 400),
        ("GET /", "/", SignIn, 200, 200),
        ("GET /applications/{id}", "/applications/dpi", SignIn, 200, 200),
        ("GET /applications/{id}", "/applications/none", SignIn, 404, 404),
        ("GET /applications/{id}/copies", "/applications/dpi/copies", SignIn, 200, 200),
        ("GET /applications/{id}/copies", "/applications/none/copies", SignIn, 404, 404),
        ("GET /tests", "/tests", SignIn, 200, 200),
        ("GET /tests/calendrier", "/tests/calendrier", SignIn, 200, 200),
        ("GET /rapport", "/rapport", SignIn, 200, 200),
        ("GET /preuves/", "/preuves", SignIn, 200, 200),
        ("GET /preuves/dossier", "/preuves/dossier", SignIn, 400, 400),
        ("GET /preuves/dossier", "/preuves/dossier?application=dpi", SignIn, 404, 404),
        ("GET /preuves/dossier", "/preuves/dossier?du=2000-01-01", SignIn, 200, 200),
        ("GET /preuves/{sequence:long}", "/preuves/0", SignIn, 200, 200),
        ("GET /preuves/{sequence:long}", "/preuves/99", SignIn, 404, 404),
        ("GET /preuves/{sequence:long}/octets", "/preuves/0/octets", SignIn, 200, 200),
        ("GET /preuves/{sequence:long}/inclusion", "/preuves/0/inclusion", SignIn, 200, 200),
        ("GET /runbooks", "/runbooks", SignIn, 200, 200),
        ("GET /runbooks/{runbook}", "/runbooks/none", SignIn, 404, 404),
        ("GET /conduites/{run}/carte", "/conduites/none/carte", SignIn, 404, 404),
        ("GET /conduites/{run}", "/conduites/none", SignIn, 404, 404),
        ("GET /conduites/{run}/etapes/{step}", "/conduites/none/etapes/none", SignIn, 404, 404),
        ("GET /conduites/{run}/main-courante", "/conduites/none/main-courante", SignIn, 404, 404),
        ("GET /conduites/{run}/declarations", "/conduites/none/declarations", SignIn, 404, 404),
        ("GET /conduites/{run}/declarations/{duty}", "/conduites/none/declarations/none", SignIn, 404, 404),
        ("POST /conduites/{run}/declarations/lignes", "/conduites/none/declarations/lignes", SignIn, 400, 400),
        ("POST /conduites/{run}/declarations/connaissance", "/conduites/none/declarations/connaissance", SignIn, 400, 400),
        ("POST /conduites/{run}/declarations/{duty}/envoi", "/conduites/none/declarations/none/envoi", SignIn, 400, 400),
        ("POST /conduites/{run}/declarations/{duty}/sans-objet", "/conduites/none/declarations/none/sans-objet", SignIn, 400, 400),
        ("GET /runbooks/{runbook}/cartes", "/runbooks/none/cartes", SignIn, 404, 404),
        ("GET /conduites/{run}/cartes", "/conduites/none/cartes", SignIn, 404, 404),
        ("GET /conduites/{run}/papier", "/conduites/none/papier", SignIn, 404, 404),
        ("POST /conduites/{run}/papier", "/conduites/none/papier", SignIn, 400, 400),
        ("GET /annuaire", "/annuaire", SignIn, 200, 200),
        ("GET /annuaire/imprimer", "/annuaire/imprimer", SignIn, 200, 200),
        ("GET /annuaire/annuaire.csv", "/annuaire/annuaire.csv", SignIn, 200, 200),
        ("GET /annuaire/nouveau", "/annuaire/nouveau", SignIn, 200, 200),
        ("GET /annuaire/{contact}", "/annuaire/none", SignIn, 404, 404),
        ("POST /annuaire/importer", "/annuaire/importer", SignIn, 400, 400),
        ("POST /annuaire/nouveau", "/annuaire/nouveau", SignIn, 400, 400),
        ("POST /annuaire/{contact}", "/annuaire/none", SignIn, 400, 400),
        ("POST /annuaire/{contact}/teste", "/annuaire/none/teste", SignIn, 400, 400),
        ("POST /annuaire/{contact}/retirer", "/annuaire/none/retirer", SignIn, 400, 400),
        ("GET /pack-de-crise", "/pack-de-crise", SignIn, 200, 200),
        ("POST /pack-de-crise", "/pack-de-crise", SignIn, 400, 400),
        ("POST /runbooks/{runbook}/demarrer", "/runbooks/none/demarrer", SignIn, 400, 400),
        ("POST /conduites/{run}/etapes/{step}", "/conduites/none/etapes/none", SignIn, 400, 400),
        ("POST /conduites/{run}/passages/{transition}", "/conduites/none/passages/none", SignIn, 400, 400),
        ("POST /conduites/{run}/voix", "/conduites/none/voix", SignIn, 400, 400),
        ("POST /conduites/{run}/faits", "/conduites/none/faits", SignIn, 400, 400),
        ("POST /conduites/{run}/main-courante", "/conduites/none/main-courante", SignIn, 400, 400),
        ("GET /conduites/{run}/ma-carte", "/conduites/none/ma-carte", SignIn, 404, 404),
        ("GET /conduites/{run}/mur", "/conduites/none/mur", SignIn, 404, 404),
        ("GET /conduites/{run}/releve", "/conduites/none/releve", SignIn, 404, 404),
        ("GET /conduites/{run}/degrade", "/conduites/none/degrade", SignIn, 404, 404),
        ("GET /conduites/{run}/modification", "/conduites/none/modification", SignIn, 404, 404),
        ("GET /conduites/{run}/flux", "/conduites/none/flux", SignIn, 404, 404),
        ("POST /conduites/{run}/main-courante/corrections", "/conduites/none/main-courante/corrections", SignIn, 400, 400),
        ("POST /conduites/{run}/confirmer", "/conduites/none/confirmer", SignIn, 400, 400),
        ("POST /conduites/{run}/modules", "/conduites/none/modules", SignIn, 400, 400),
        ("POST /conduites/{run}/releve", "/conduites/none/releve", SignIn, 400, 400),
        ("POST /conduites/{run}/degrade", "/conduites/none/degrade", SignIn, 400, 400),
        ("POST /conduites/{run}/retour", "/conduites/none/retour", SignIn, 400, 400),
        ("POST /conduites/{run}/modification", "/conduites/none/modification", SignIn, 400, 400),
        ("GET /exercices", "/exercices", SignIn, 200, 200),
        ("POST /exercices/{exercise}/demarrer", "/exercices/none/demarrer", SignIn, 400, 400),
        ("GET /conduites/{run}/exercice", "/conduites/none/exercice", SignIn, 404, 404),
        ("GET /conduites/{run}/exercice/observation", "/conduites/none/exercice/observation", SignIn, 404, 404),
        ("GET /conduites/{run}/exercice/retex", "/conduites/none/exercice/retex", SignIn, 404, 404),
        ("GET /conduites/{run}/exercice/rapport", "/conduites/none/exercice/rapport", SignIn, 404, 404),
        ("POST /conduites/{run}/exercice", "/conduites/none/exercice", SignIn, 400, 400),
        ("POST /conduites/{run}/exercice/observation", "/conduites/none/exercice/observation", SignIn, 400, 400),
        ("POST /conduites/{run}/exercice/retex", "/conduites/none/exercice/retex", SignIn, 400, 400),
        ("POST /conduites/{run}/exercice/reel", "/conduites/none/exercice/reel", SignIn, 400, 400),
        ("POST /api/v1/agents/enrol", "/api/v1/agents/enrol", 400, 400, 400),
        ("POST /api/v1/agents/{agentId}/evidence", "/api/v1/agents/nobody/evidence", 404, 404, 404),
    ];

    [Fact]
    public async Task Every_route_is_in_the_matrix()
    {
        await using var server = await TestServer.StartAsync();

        Routes(server).Should().BeEquivalentTo(Matrix.Select(m => m.Route).Distinct());
    }

    [Fact]
    public async Task Every_role_gets_the_answer_of_the_matrix()
    {
        await using var server = await TestServer.StartAsync(catalogue: Catalogue);
        await server.AddPersonAsync("lecteur", "trois chevaux bleus", "lecteur");
        await server.AddPersonAsync("admin2", "trois chevaux bleus", "administrateur");
        using var nobody = server.Browser();
        using var reader = server.Browser();
        using var administrator = server.Browser();
        (await reader.SignInAsync("lecteur", "trois chevaux bleus")).StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await administrator.SignInAsync("admin2", "trois chevaux bleus")).StatusCode.Should().Be(HttpStatusCode.Redirect);

        foreach (var row in Matrix)
        {
            (await StatusAsync(nobody, row.Route, row.Path)).Should().Be(row.Nobody, $"{row.Route} for nobody");
            (await StatusAsync(reader, row.Route, row.Path)).Should().Be(row.Reader, $"{row.Route} for a reader");
            (await StatusAsync(administrator, row.Route, row.Path)).Should().Be(row.Administrator, $"{row.Route} for an administrator");
        }
    }

    [Fact]
    public async Task Every_form_demands_its_antiforgery_token()
    {
        await using var server = await TestServer.StartAsync();
        var forms = Endpoints(server).Where(e => Methods(e).Any(m => m is not ("GET" or "HEAD")) && !e.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal)).ToArray(); // mapped routes have a text

        forms.Should().NotBeEmpty();
        forms.Should().OnlyContain(e => e.Metadata.GetMetadata<IAntiforgeryMetadata>() != null && e.Metadata.GetMetadata<IAntiforgeryMetadata>()!.RequiresValidation);
    }

    private static IEnumerable<RouteEndpoint> Endpoints(TestServer server) => server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];

    private static IEnumerable<string> Routes(TestServer server) => Endpoints(server).SelectMany(e => Methods(e).Select(m => $"{m} {e.RoutePattern.RawText}"));

    private static async Task<int> StatusAsync(HttpClient client, string route, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), path);
        if (request.Method == HttpMethod.Post)
        {
            request.Content = new FormUrlEncodedContent([]);
        }
        using var answer = await client.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
