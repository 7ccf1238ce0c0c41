using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Agent.Scheduling;

namespace BackupGuard.Agent.Spool;

/// <summary>What a person's command leaves for the running service to record: the spool is held by one process at a time. A folder of the state folder, which only the agent's account may enter.</summary>
/// <remarks>A kill between recording and removing records the same content twice, which says nothing new; nothing is lost.</remarks>
internal static class Inbox
{
    private const int LargestBytes = 256 * 1024;
    private const int MostAtOnce = 1000;

    private static string FolderOf(string stateFolder) => Path.Combine(stateFolder, "inbox");

    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Put(string stateFolder, string type, string application, byte[] payload, DateTimeOffset now)
    {
        var folder = FolderOf(stateFolder);
        Directory.CreateDirectory(folder);
        DurableFile.Replace(Path.Combine(folder, $"{Guid.CreateVersion7(now):N}.json"), JsonSerializer.SerializeToUtf8Bytes(new InboxDocument(type, application, payload), InboxJson.Default.InboxDocument));
    }

    /// <summary>Records what lies there, oldest first. A file that is none of ours stays under another name.</summary>
    /// <param name="types">Only entries of these types.</param>
    /// <exception cref="IOException">The spool or the disk refuses.</exception>
    public static void Drain(string stateFolder, IEvidenceRecorder recorder, params ReadOnlySpan<string> types)
    {
        var folder = FolderOf(stateFolder);
        if (!Directory.Exists(folder)) return;
        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Take(MostAtOnce).ToList())
        {
            if (Read(file) is { } document && types.Contains(document.Type))
            {
                recorder.Record(document.Type, document.Application, document.Payload, intent: null);
                File.Delete(file);
            }
            else File.Move(file, file + ".unreadable", overwrite: true);
        }
    }

    private static InboxDocument? Read(string file)
    {
        if (new FileInfo(file).Length > LargestBytes) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), InboxJson.Default.InboxDocument);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Records into the inbox of a running service.</summary>
internal sealed class InboxRecorder(string stateFolder, DateTimeOffset now) : IEvidenceRecorder
{
    /// <returns>0: the counter is the service's to give.</returns>
    public long Record(string type, string application, ReadOnlyMemory<byte> payload, long? intent)
    {
        Inbox.Put(stateFolder, type, application, payload.ToArray(), now);
        return 0;
    }
}

internal sealed record InboxDocument(string Type, string Application, byte[] Payload);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(InboxDocument))]
internal sealed partial class InboxJson : JsonSerializerContext;
