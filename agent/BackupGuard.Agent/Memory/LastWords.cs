using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Agent.Scheduling;

namespace BackupGuard.Agent.Memory;

internal enum LastWordKind { Verified, Probed, SeenOffline }

/// <summary>The last that was said about a copy: a verdict of a scheduled look, or what a person saw.</summary>
/// <param name="Word">As in the documents that are sent.</param>
/// <param name="ExpiresAt">Where the look itself says until when it counts.</param>
/// <param name="By">The role of the person, or "".</param>
internal sealed record LastWord(string Word, DateTimeOffset At, DateTimeOffset? ExpiresAt, string By);

/// <summary>What is remembered of one copy.</summary>
/// <param name="Problems">Why something of it cannot be read; then it counts as never said.</param>
internal sealed record CopyMemory(LastWord? Verified, LastWord? Probed, LastWord? SeenOffline, IReadOnlyList<string> Problems);

/// <summary>The last words about the copies of agent.yaml, each a durable file of JSON in the copy's memory: the service and a person may write at the same time.</summary>
internal static class LastWords
{
    private const string SchemaId = "backupguard.last-word/v1";
    private const int LargestBytes = 64 * 1024;

    public static CopyMemory Read(string stateFolder, string address)
    {
        var problems = new List<string>();
        LastWord? verified = null, probed = null, offline = null;
        try
        {
            using var memory = RepositoryMemory.Open(stateFolder, RepositoryAddress.Parse(address));
            verified = Load(memory.LastWord(LastWordKind.Verified), problems);
            probed = Load(memory.LastWord(LastWordKind.Probed), problems);
            offline = Load(memory.LastWord(LastWordKind.SeenOffline), problems);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(e.Message);
        }
        return new CopyMemory(verified, probed, offline, problems);
    }

    /// <returns>Why it could not be kept, or null. What stood there before is gone then: an old good word must not outlive a newer one.</returns>
    public static string? Keep(string stateFolder, string address, LastWordKind kind, LastWord word)
    {
        try
        {
            using var memory = RepositoryMemory.Open(stateFolder, RepositoryAddress.Parse(address));
            var file = memory.LastWord(kind);
            try
            {
                DurableFile.Replace(file, JsonSerializer.SerializeToUtf8Bytes(new LastWordDocument(SchemaId, word), LastWordJson.Default.LastWordDocument));
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                File.Delete(file);
                return e.Message;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static LastWord? Load(string file, List<string> problems)
    {
        if (!File.Exists(file)) return null;
        var name = Path.GetFileName(file);
        if (new FileInfo(file).Length > LargestBytes)
        {
            problems.Add($"{name} has more than {LargestBytes} bytes");
            return null;
        }
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllBytes(file), LastWordJson.Default.LastWordDocument) is { Schema: SchemaId } document) return document.Last;
            problems.Add($"{name} is not of this version");
        }
        catch (JsonException)
        {
            problems.Add($"{name} is not the JSON of a last word");
        }
        return null;
    }
}

internal sealed record LastWordDocument(string Schema, LastWord Last);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, WriteIndented = true)]
[JsonSerializable(typeof(LastWordDocument))]
internal sealed partial class LastWordJson : JsonSerializerContext;
