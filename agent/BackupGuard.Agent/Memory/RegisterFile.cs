using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification.Checks;

namespace BackupGuard.Agent.Memory;

/// <summary>The register of a copy as one durable file of JSON.</summary>
internal static class RegisterFile
{
    private const string SchemaId = "backupguard.register/v1";
    private const int LargestBytes = 64 * 1024 * 1024;

    /// <returns>Null when there is none yet.</returns>
    /// <exception cref="InvalidDataException">There is one, and it is not a register.</exception>
    public static CopyRegister? Load(string path)
    {
        if (!File.Exists(path)) return null;
        if (new FileInfo(path).Length > LargestBytes) throw new InvalidDataException($"it has more than {LargestBytes} bytes");
        try
        {
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(path), RegisterJson.Default.RegisterDocument);
            return document is { Schema: SchemaId } ? document.Register : throw new InvalidDataException("it is not of this version");
        }
        catch (JsonException)
        {
            throw new InvalidDataException("it is not the JSON of a register");
        }
    }

    public static void Save(string path, CopyRegister register) =>
        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new RegisterDocument(SchemaId, register), RegisterJson.Default.RegisterDocument));

    /// <summary>Moves an unreadable register out of the way, for whoever wants to look at it.</summary>
    public static void PutAside(string path) => File.Move(path, path + ".unreadable", overwrite: true);
}

internal sealed record RegisterDocument(string Schema, CopyRegister Register);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RegisterDocument))]
internal sealed partial class RegisterJson : JsonSerializerContext;
