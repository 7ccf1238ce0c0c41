using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Memory;

/// <summary>What one drill left behind for the next: which definition's alarm was proved, and what the last proved run counted. A durable file of JSON.</summary>
/// <remarks>Losing it loses no evidence: the negative control is run once more, and comparisons begin anew. So a file that cannot be read counts as none.</remarks>
internal sealed class DrillMemory
{
    private const string SchemaId = "backupguard.drill-memory/v1";
    private const int LargestBytes = 1 << 20;

    private readonly string? _path;
    private DrillMemoryDocument _document;

    private DrillMemory(string? path, DrillMemoryDocument document) => (_path, _document) = (path, document);

    /// <param name="stateFolder">Empty where nothing is to be remembered.</param>
    public static DrillMemory Open(string stateFolder, string drill)
    {
        var path = stateFolder.Length == 0 ? null : Path.Combine(stateFolder, "drills", drill + ".json");
        return new DrillMemory(path, path is null ? DrillMemoryDocument.Empty : Load(path));
    }

    public bool AlarmProved(string definitionHash) => _document.AlarmProvedFor == definitionHash;

    public double? LastProved(string step, string measure) => _document.Measures.TryGetValue(step, out var measures) && measures.TryGetValue(measure, out var value) ? value : null;

    public void Remember(string definitionHash, DrillReport report)
    {
        if (_path is null || report.Verdict != Verdict.Proved) return;
        _document = _document with
        {
            // An alarm that did not ring this time takes back that it once did.
            AlarmProvedFor = report.Control is null ? _document.AlarmProvedFor : report.AlarmProved ? definitionHash : "",
            Measures = report.Steps.Where(s => s.Measures.Count > 0).GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.Last().Measures),
        };
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            DurableFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(_document, DrillMemoryJson.Default.DrillMemoryDocument));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See the remarks: the drill's own result stands.
        }
    }

    private static DrillMemoryDocument Load(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > LargestBytes) return DrillMemoryDocument.Empty;
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), DrillMemoryJson.Default.DrillMemoryDocument) is { Schema: SchemaId } document ? document : DrillMemoryDocument.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return DrillMemoryDocument.Empty;
        }
    }

    internal sealed record DrillMemoryDocument(string Schema, string AlarmProvedFor, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Measures)
    {
        public static readonly DrillMemoryDocument Empty = new(SchemaId, "", new Dictionary<string, IReadOnlyDictionary<string, double>>());
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, WriteIndented = true)]
[JsonSerializable(typeof(DrillMemory.DrillMemoryDocument))]
internal sealed partial class DrillMemoryJson : JsonSerializerContext;
