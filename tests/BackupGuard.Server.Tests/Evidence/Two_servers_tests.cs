using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>Two processes of the server on one PostgreSQL database.</summary>
public static class Two_servers_tests
{
    public sealed class OnPostgres
    {
        private const string Password = "trois chevaux bleus";
        private const int Batches = 15;
        private const int Lines = 8;

        [Fact]
        public async Task Two_servers_on_one_database_under_ingest_and_commands_keep_one_tree_without_gap_or_double()
        {
            var folder = Directory.CreateTempSubdirectory("backupguard-two-").FullName;
            var database = PostgresCluster.Shared.CreateDatabase(withSchema: false);
            PostgresCluster.Shared.Configure(folder, database);
            var runbooks = Path.Combine(RepositoryRoot(), "runbooks");
            using var agents = new Agents("agent-1", "agent-2", "agent-3");

            // Both make the schema, the key and the first account: an empty database has none.
            var servers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => ServerProcess.StartAsync(folder, "--runbooks", runbooks)));
            try
            {
                await PrepareAsync(folder, servers, agents);
                using var anne = await SignedInAsync(servers[0].Url);
                using var also = await SignedInAsync(servers[1].Url);
                var run = await StartRunAsync(anne);
                foreach (var browser in new[] { anne, also }) (await browser.GetStringAsync("/tests")).Should().NotContain("/preuves/", "both have looked, and there is nothing yet");

                await Task.WhenAll([
                    .. agents.All.Select((agent, i) => SendAsync(agent, servers, i)),
                    .. servers.Select((server, i) => WriteLinesAsync(server.Url, run, i)),
                ]);

                var page = WebUtility.HtmlDecode(await anne.GetStringAsync(run + "/main-courante"));
                for (var line = 0; line < 2 * Lines; line++)
                {
                    Regex.Count(page, $"Ligne {line / Lines}-{line % Lines}\\b").Should().Be(1, "each line is told once, whichever server took it");
                }

                var results = await ResultsAsync(anne);
                results.Should().NotBeEmpty();
                (await ResultsAsync(also)).Should().Equal(results, "what one server took the other one shows");
            }
            finally
            {
                foreach (var server in servers)
                {
                    server.Dispose();
                }
            }

            var data = DataFolder.OpenExisting(folder);
            using var identity = ServerIdentity.Load(data);
            using (var engine = DatabaseEngine.Of(data))
            {
                var report = Persistence.Fsck.Run(engine, identity, TimeProvider.System.GetUtcNow());
                report.Findings.Should().BeEmpty();
                using var connection = engine.Open();
                connection.Scalar("SELECT count(*) FROM entries WHERE origin <> 'server'").Should().Be(3L * Batches * 4, "every entry was sent to both servers and is there once");
                connection.Scalar("SELECT max(seq) + 1 - count(*) FROM entries").Should().Be(0L, "the sequence has no gap");
                connection.Scalar("SELECT count(*) FROM people WHERE \"UserName\" = 'admin'").Should().Be(1L);
                connection.Scalar("SELECT count(DISTINCT received_at) FROM entries").Should().NotBe(1L);
            }
            PostgresCluster.Shared.Execute($"DROP DATABASE {database} WITH (FORCE)");
            Directory.Delete(folder, recursive: true);
        }

        private static async Task<IReadOnlyList<string>> ResultsAsync(HttpClient browser) => [.. Regex.Matches(await browser.GetStringAsync("/tests"), "/preuves/[0-9]+").Select(m => m.Value)];

        [Fact]
        public async Task A_server_with_another_key_is_refused_at_its_start_and_told_what_to_do()
        {
            await using var first = await TestServer.StartAsync(Engine.Postgres);
            await first.Log.AppendServerEntryAsync("run.started", "", "{}"u8.ToArray());
            var folder = Directory.CreateTempSubdirectory("backupguard-other-").FullName;
            using (var key = BackupGuard.Evidence.EvidenceKey.Generate())
            {
                await File.WriteAllTextAsync(Path.Combine(folder, "server-key.pem"), key.ToPem());
            }
            File.Copy(first.Data[DatabaseSettings.File], Path.Combine(folder, DatabaseSettings.File));

            var (exit, _, errors) = await ServerProcess.RunAsync(["run", "--urls", "http://127.0.0.1:0", "--data", folder]);

            exit.Should().Be(2);
            errors.Trim().Split('\n').Should().ContainSingle().Which.Should().Contain("share this key").And.Contain("PostgreSQL database");
            Directory.Delete(folder, recursive: true);
        }

        private static async Task PrepareAsync(string folder, ServerProcess[] servers, Agents agents)
        {
            (await ServerProcess.RunAsync(["accounts", "add", "anne", "--roles", "administrateur", "--data", folder], Password)).Exit.Should().Be(0);
            foreach (var (agent, i) in agents.All.Select((a, i) => (a, i)))
            {
                var token = (await ServerProcess.RunAsync(["agents", "token", "--data", folder])).Output.Trim();
                using var client = new HttpClient { BaseAddress = servers[i % 2].Url };
                (await agent.AskToEnrolAsync(client, token)).EnsureSuccessStatusCode();
            }
        }

        /// <summary>Each batch goes to both servers at once, as after an answer that got lost.</summary>
        private static async Task SendAsync(TestAgent agent, ServerProcess[] servers, int seed)
        {
            using var one = new HttpClient { BaseAddress = servers[seed % 2].Url };
            using var other = new HttpClient { BaseAddress = servers[(seed + 1) % 2].Url };
            for (var batch = 0; batch < Batches; batch++)
            {
                Contracts.SignedEntry[] entries =
                    [agent.Next(), agent.Next("verify.intent", "dpi"), agent.Next("verify.result", "dpi", TestAgent.Verification(), agent.State.Counter), agent.Next()];
                var answers = await Task.WhenAll(agent.SendAsync(one, entries), agent.SendAsync(other, entries));
                answers[0].Select(r => r.Sequence).Should().Equal(answers[1].Select(r => r.Sequence));
                answers.SelectMany(a => a).Count(r => r.Outcome == "accepted").Should().Be(entries.Length);
            }
        }

        private static async Task WriteLinesAsync(Uri url, string run, int server)
        {
            using var anne = await SignedInAsync(url);
            for (var line = 0; line < Lines; line++)
            {
                var answer = await anne.SubmitAsync("/runbooks", run + "/main-courante", ("commande", $"c{server}-{line}"), ("type", "fait"), ("texte", $"Ligne {server}-{line}"));
                answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
                answer.Headers.Location!.ToString().Should().NotContain("refus"); // a redirect names its place
            }
        }

        private static async Task<HttpClient> SignedInAsync(Uri url)
        {
            var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = url };
            browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
            (await browser.SignInAsync("anne", Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
            return browser;
        }

        private static async Task<string> StartRunAsync(HttpClient browser)
        {
            var id = Regex.Match(await browser.GetStringAsync("/runbooks"), "name=\"conduite\" value=\"([^\"]+)\"").Groups[1].Value;
            var answer = await browser.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", "exercice"), ("conduite", id), ("confirme", "oui"));
            return answer.Headers.Location!.ToString(); // a redirect to the run
        }

        private static string RepositoryRoot()
        {
            var at = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(at.FullName, "BackupGuard.sln")))
            {
                at = at.Parent ?? throw new InvalidOperationException("BackupGuard.sln not found above the tests.");
            }
            return at.FullName;
        }

        private sealed class Agents(params string[] names) : IDisposable
        {
            public TestAgent[] All { get; } = [.. names.Select(n => new TestAgent(n))];

            public void Dispose() => Array.ForEach(All, a => a.Dispose());
        }
    }
}
