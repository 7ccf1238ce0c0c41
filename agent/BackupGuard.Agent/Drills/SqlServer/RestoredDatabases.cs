using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.SqlServer;

namespace BackupGuard.Agent.Drills.SqlServer;

/// <summary>Which databases this agent has made on test instances of the hospital: a durable file for each, held open while its drill lives.</summary>
/// <remarks>A file that nobody holds is what a killed process left. Only a database that is named in such a file, and in our way, is ever dropped.</remarks>
internal static class RestoredDatabases
{
    private const string SchemaId = "backupguard.restored-database/v1";
    private const int LargestBytes = 64 << 10;

    public static ISqlServerNote Remember(string stateFolder, SqlServerEngine engine, string database, string file)
    {
        if (stateFolder.Length == 0) throw new SandboxException("nothing can be remembered without a state folder, and a database that would be forgotten is not made");
        try
        {
            var folder = FolderIn(stateFolder);
            Directory.CreateDirectory(folder);
            var stream = new FileStream(Path.Combine(folder, database + ".json"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            stream.Write(JsonSerializer.SerializeToUtf8Bytes(new RestoredDatabaseDocument(SchemaId, engine.Instance, database, file), RestoredDatabaseJson.Default.RestoredDatabaseDocument));
            stream.Flush(flushToDisk: true);
            if (OperatingSystem.IsLinux()) DurableFile.FlushFolder(folder);
            return new Note(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"the database to be made could not be noted in the state folder, so it is not made: {e.Message}", e);
        }
    }

    /// <summary>Drops what killed processes left. How an instance is reached stands in agent.yaml only.</summary>
    /// <returns>Each database found, its instance, and why it is still there, or null.</returns>
    public static async Task<List<(string Database, string Instance, string? Left)>> RemoveLeftoversAsync(AgentSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        var found = new List<(string, string, string?)>();
        var folder = FolderIn(settings.StateFolder);
        if (!Directory.Exists(folder)) return found;
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).ToList())
        {
            using var stream = TryHold(path);
            if (stream is null) continue;
            var note = new Note(stream);
            // Left before the note was durable, and so before anything was made.
            if (stream.Length == 0)
            {
                note.Forget();
                continue;
            }
            if (Read(stream) is not { } made)
            {
                found.Add((Path.GetFileNameWithoutExtension(path), "", "what was noted of it cannot be read; look for it on the test instances and drop it by hand"));
                continue;
            }
            var engine = settings.Drills.SelectMany(d => d.Plan.Probes).OfType<SqlServerEngine>().FirstOrDefault(e => e.Instance == made.Instance);
            var left = engine is null ? $"no step of agent.yaml names the instance {made.Instance} any more; drop the database by hand"
                : await SqlServerRunner.DropLeftoverAsync(new SqlcmdClient(engine, settings.StateFolder, clock), made.Database, made.File, cancellationToken);
            if (left is null) note.Forget();
            found.Add((made.Database, made.Instance, left));
        }
        return found;
    }

    private static string FolderIn(string stateFolder) => Path.Combine(stateFolder, "drills", "sqlserver");

    /// <returns>Null while the drill that made it lives.</returns>
    private static FileStream? TryHold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static RestoredDatabaseDocument? Read(FileStream stream)
    {
        if (stream.Length > LargestBytes) return null;
        try
        {
            return JsonSerializer.Deserialize(stream, RestoredDatabaseJson.Default.RestoredDatabaseDocument) is { Schema: SchemaId } made && made.File == made.Database + ".bak" ? made : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class Note(FileStream stream) : ISqlServerNote
    {
        public void Forget()
        {
            stream.Dispose();
            try
            {
                File.Delete(stream.Name);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next start asks for a database that is not there any more, and forgets it then.
            }
        }

        public void Dispose() => stream.Dispose();
    }
}

internal sealed record RestoredDatabaseDocument(string Schema, string Instance, string Database, string File);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RestoredDatabaseDocument))]
internal sealed partial class RestoredDatabaseJson : JsonSerializerContext;
