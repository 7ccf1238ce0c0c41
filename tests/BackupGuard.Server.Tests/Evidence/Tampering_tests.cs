using System.Data.Common;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Contracts;
using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>Somebody with the database file in hand changes one value.</summary>
public abstract class Tampering_tests(Engine engine)
{
    public sealed class OnSqlite() : Tampering_tests(Engine.Sqlite)
    {
        [Fact]
        public async Task A_database_file_with_a_torn_page_is_found()
        {
            await using var server = await FilledAsync();
            await server.StopAsync();
            server.Sql("PRAGMA wal_checkpoint(TRUNCATE)");
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            await using (var file = new FileStream(server.Data.DatabaseFile, FileMode.Open))
            {
                file.Position = file.Length / 2 / 4096 * 4096;
                file.Write(new byte[4096]);
            }

            server.Fsck().IsIntact.Should().BeFalse();
        }
    }

    public sealed class OnPostgres() : Tampering_tests(Engine.Postgres);

    private static readonly (string Name, string[] Keys)[] Tables =
        [("entries", ["seq"]), ("nodes", ["level", "idx"]), ("checkpoints", ["size"]), ("agents", ["key_id"]), ("facts", ["seq"]), ("open_intents", ["seq"])];

    [Fact]
    public async Task A_change_in_any_column_of_the_evidence_is_found()
    {
        await using var server = await FilledAsync();
        server.Fsck().Findings.Should().BeEmpty("nothing was changed yet");
        await server.StopAsync();

        using var database = DatabaseEngine.Of(server.Data);
        using var connection = database.Open();
        var columns = Tables.SelectMany(t => ColumnsOf(connection, t.Name).Select(c => (Table: t, Column: c))).ToList();
        columns.Select(c => $"{c.Table.Name}.{c.Column}").Should()
            .Contain(["entries.received_at", "entries.receipt", "nodes.hash", "checkpoints.size", "agents.revoked_at", "open_intents.type", "facts.coverage"]).And.HaveCountGreaterThan(30);
        foreach (var (table, column) in columns)
        {
            var undo = Change(connection, table.Name, table.Keys, column);
            server.Fsck().IsIntact.Should().BeFalse($"{table.Name}.{column} was changed");
            undo();
        }
        server.Fsck().Findings.Should().BeEmpty("every change was undone");
    }

    private const string Catalogue = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Europe/Paris
        applications:
          - { id: dpi, name: Dossier patient, vital: true, dmia: PT4H, pdma: PT24H }
        """;

    [Theory]
    [InlineData("DELETE FROM facts WHERE seq = (SELECT max(seq) FROM facts)", "BG2182")]
    [InlineData("INSERT INTO facts SELECT 99, application, kind, outcome, at, name, agent, definition_hash, recovery_time_ms, recovery_point_ms, coverage, reason_fr, reason_en, alarm_rang FROM facts LIMIT 1", "BG2182")]
    [InlineData("DELETE FROM agents WHERE id = 'agent-1'", "BG2183")]
    [InlineData("INSERT INTO agents SELECT 'deadbeef', 'ghost', public_key, enrolled_at, NULL FROM agents LIMIT 1", "BG2183")]
    [InlineData("DELETE FROM open_intents", "BG2186")]
    [InlineData("DELETE FROM nodes WHERE level = 1", "BG2181")]
    [InlineData("INSERT INTO nodes SELECT 9, 9, hash FROM nodes LIMIT 1", "BG2181")]
    [InlineData("DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)", "BG2184")]
    [InlineData("DELETE FROM entries WHERE seq = 3", "BG2013")]
    [InlineData("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)", "BG2025")]
    public async Task A_row_that_was_removed_or_added_is_found(string change, string code)
    {
        await using var server = await FilledAsync();

        server.Sql(change);

        server.Fsck().Findings.Should().Contain(f => f.Code == code && f.IsError);
    }

    /// <summary>One changed row of each table that readiness is read from, and what the pages would have said.</summary>
    [Theory]
    [InlineData("UPDATE facts SET outcome = 'Proved' WHERE kind = 'Verification'")]
    [InlineData("UPDATE facts SET at = at + 86400000 WHERE kind = 'Drill'")]
    [InlineData("UPDATE facts SET recovery_time_ms = 999999999999 WHERE kind = 'Drill'")]
    [InlineData("UPDATE facts SET application = 'labo' WHERE kind = 'Drill'")]
    [InlineData("DELETE FROM facts WHERE kind = 'Verification'")]
    [InlineData("DELETE FROM open_intents")]
    [InlineData("UPDATE open_intents SET application = 'labo'")]
    public async Task Readiness_that_a_changed_row_would_have_changed_is_named(string change)
    {
        await using var server = await FilledAsync();
        server.Clock.Advance(TimeSpan.FromHours(30));
        var catalogue = CatalogueFile.Parse(Catalogue, "hopital.yaml").Value;
        catalogue.Should().NotBeNull();
        server.Fsck(catalogue).Findings.Where(f => f.IsError).Should().BeEmpty("nothing was changed yet");

        server.Sql(change);

        server.Fsck(catalogue).Findings.Should().Contain(f => f.Code == "BG2187" && f.Message.Contains("dpi", StringComparison.Ordinal));
    }

    /// <summary>fsck reads what is stored beside the entries by pages, ahead of the verification.</summary>
    [Fact]
    public async Task What_differs_far_into_the_log_is_named_where_it_is_and_nothing_else_is()
    {
        await using var server = await TestServer.StartAsync(engine);
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        await agent.EnrolAsync(server, client);
        for (var batch = 0; batch < 3; batch++)
        {
            var entries = Enumerable.Range(0, 400).SelectMany(_ =>
            {
                var intent = agent.Next("verify.intent", "dpi");
                return (SignedEntry[])[intent, agent.Next("verify.result", "dpi", TestAgent.Verification("failed"), intent.Counter)];
            });
            await agent.SendAsync(client, [.. entries]);
        }
        server.Fsck().Findings.Should().BeEmpty("nothing was changed yet");
        server.Sql("UPDATE entries SET type = 'verify.result' WHERE seq = 1201");
        server.Sql("UPDATE nodes SET hash = (SELECT hash FROM nodes WHERE level = 0 AND idx = 0) WHERE level = 3 AND idx = 160");
        server.Sql("DELETE FROM facts WHERE seq = 1802");

        var findings = server.Fsck().Findings;

        findings.Select(f => f.Code).Should().BeEquivalentTo("BG2180", "BG2181", "BG2182");
        findings.Select(f => f.Message).Should().Contain(m => m.StartsWith("Entry 1201:", StringComparison.Ordinal))
            .And.Contain(m => m.StartsWith("The stored hash at level 3, index 160 ", StringComparison.Ordinal)).And.Contain(m => m.StartsWith("The fact of entry 1802 ", StringComparison.Ordinal));
    }

    private async Task<TestServer> FilledAsync()
    {
        var server = await TestServer.StartAsync(engine);
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        using var former = new TestAgent("agent-2");
        await agent.EnrolAsync(server, client);
        await former.EnrolAsync(server, client);
        await AgentVerbs.RevokeAsync(server.Log, former.Name);
        await agent.SendAsync(client, agent.Next("verify.intent", "dpi"), agent.Next("verify.result", "dpi", TestAgent.Verification("failed"), intent: 1));
        await agent.SendAsync(client, agent.Next("drill.intent", "dpi"), agent.Next("drill.result", "dpi", TestAgent.Drill(), intent: 3));
        await agent.SendAsync(client, agent.Next("drill.intent", "dpi"));
        await server.Log.AppendServerEntryAsync("run.started", "", """{"run":"r1"}"""u8.ToArray());
        return server;
    }

    private static List<string> ColumnsOf(DbConnection connection, string table)
    {
        using var command = connection.Command($"SELECT * FROM {table} WHERE 1 = 0");
        using var none = command.ExecuteReader();
        return [.. Enumerable.Range(0, none.FieldCount).Select(none.GetName)];
    }

    /// <summary>Changes one value, in the last row that has one, and gives back what takes the change back.</summary>
    private static Action Change(DbConnection connection, string table, string[] keys, string column)
    {
        var row = new Dictionary<string, object>();
        using (var command = connection.Command($"SELECT {string.Join(", ", keys)}, {column} AS changed FROM {table} WHERE {column} IS NOT NULL ORDER BY {string.Join(" DESC, ", keys)} DESC LIMIT 1"))
        {
            using var reader = command.ExecuteReader();
            reader.Read().Should().BeTrue($"{table}.{column} needs a value that can be changed");
            for (var i = 0; i < reader.FieldCount; i++)
            {
                row[i < keys.Length ? keys[i] : "changed"] = reader.GetValue(i);
            }
        }
        var old = row["changed"];
        object next = old switch
        {
            long number => number + 1000,
            int number => number + 1000,
            double number => number / 2,
            string text => text + "x",
            byte[] bytes => (byte[])[.. bytes[..^1], (byte)(bytes[^1] ^ 1)],
            _ => throw new InvalidOperationException($"{table}.{column} holds a {old.GetType()}."),
        };
        Set(next, old);
        return () => Set(old, next);

        void Set(object value, object current)
        {
            // A key column is found by the value that it has now.
            (string, object?)[] parameters = [("@value", value), .. keys.Select(k => ("@" + k, (object?)(k == column ? current : row[k])))];
            connection.Execute($"UPDATE {table} SET {column} = @value WHERE {string.Join(" AND ", keys.Select(k => $"{k} = @{k}"))}", parameters).Should().Be(1);
        }
    }
}
