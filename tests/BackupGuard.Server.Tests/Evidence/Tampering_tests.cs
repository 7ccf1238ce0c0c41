using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>Somebody with the database file in hand changes one value.</summary>
public sealed class Tampering_tests
{
    private static readonly string[] Tables = ["entries", "nodes", "checkpoints", "agents", "facts", "open_intents"];

    [Fact]
    public async Task A_change_in_any_column_of_the_evidence_is_found()
    {
        await using var server = await FilledAsync();
        server.Fsck().Findings.Should().BeEmpty("nothing was changed yet");
        await server.StopAsync();

        var changes = Changes(server);
        changes.Select(c => c.Column).Should().Contain(["entries.received_at", "nodes.hash", "checkpoints.size", "agents.revoked_at", "open_intents.type", "facts.coverage"]).And.HaveCountGreaterThan(30);
        foreach (var (column, change, undo) in changes)
        {
            server.Sql(change);
            server.Fsck().IsIntact.Should().BeFalse($"{column} was changed by: {change}");
            server.Sql(undo);
        }
        server.Fsck().Findings.Should().BeEmpty("every change was undone");
    }

    [Theory]
    [InlineData("DELETE FROM facts WHERE seq = (SELECT max(seq) FROM facts)", "BG2182")]
    [InlineData("INSERT INTO facts SELECT 99, application, kind, outcome, at, name, agent, definition_hash, recovery_time_ms, recovery_point_ms, coverage, reason_fr, reason_en FROM facts LIMIT 1", "BG2182")]
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

    private static async Task<TestServer> FilledAsync()
    {
        var server = await TestServer.StartAsync();
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

    // One change for each column of each table, on a row where it has a value, and the statement that takes it back.
    private static List<(string Column, string Change, string Undo)> Changes(TestServer server)
    {
        using var connection = new SqliteFile(server.Data).Open();
        var changes = new List<(string, string, string)>();
        foreach (var table in Tables)
        {
            using var command = connection.Command($"SELECT name FROM pragma_table_info('{table}')");
            using var columns = command.ExecuteReader();
            while (columns.Read())
            {
                var column = columns.GetString(0);
                var row = connection.Scalar($"SELECT rowid FROM {table} WHERE {column} IS NOT NULL ORDER BY rowid DESC LIMIT 1") ?? throw new InvalidOperationException($"{table}.{column} has no value to change.");
                var old = connection.Scalar($"SELECT quote({column}) FROM {table} WHERE rowid = {row}");
                // The key columns of entries, checkpoints and facts are the row id itself: the row is found again by its new value.
                var next = connection.Scalar($"""
                    SELECT CASE typeof({column}) WHEN 'integer' THEN quote({column} + 1000) WHEN 'real' THEN quote({column} / 2)
                    WHEN 'text' THEN quote({column} || 'x') ELSE 'X''' || substr(hex({column}), 1, length(hex({column})) - 2) || CASE substr(hex({column}), -2) WHEN '00' THEN '01' ELSE '00' END || '''' END
                    FROM {table} WHERE rowid = {row}
                    """);
                changes.Add(($"{table}.{column}", $"UPDATE {table} SET {column} = {next} WHERE {column} = {old} AND rowid = {row}", $"UPDATE {table} SET {column} = {old} WHERE {column} = {next}"));
            }
        }
        return changes;
    }
}
