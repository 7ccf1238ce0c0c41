using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Readiness;

/// <summary>The catalogue in force, and what is wrong with the file if it says something else by now.</summary>
/// <param name="Catalogue">Null until a good one was read: readiness is then unknown for everything.</param>
/// <param name="Hash">SHA-256 of the file it came from, hexadecimal.</param>
/// <param name="Issues">Of the newest file, when it cannot be used and an older one stays in force.</param>
internal sealed record CatalogueState(HospitalCatalogue? Catalogue, string Hash, DateTimeOffset LoadedAt, IReadOnlyList<DefinitionIssue> Issues);

/// <summary>Reads the catalogue file again when its content changed. Each change is in the evidence log: an objective that was lowered after a failed drill must be seen.</summary>
internal sealed class CatalogueSource(ServerSettings settings, IEvidenceLog log, TimeProvider clock, ILogger<CatalogueSource> logger) : IDisposable
{
    public const string LoadedType = "catalogue.loaded";
    private const int MaxBytes = 4 * 1024 * 1024;

    private readonly SemaphoreSlim reading = new(1);
    private readonly RetryPause pause = new(clock);
    private string? seenHash;

    public CatalogueState Current { get; private set; } = new(null, "", default, []);

    public async Task<CatalogueState> RefreshAsync(CancellationToken stop)
    {
        if (settings.CatalogueFile is not { } file)
        {
            return Current;
        }
        await reading.WaitAsync(stop);
        try
        {
            var bytes = await ReadAsync(file, stop);
            var hash = bytes is null ? "" : Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (hash != seenHash && pause.MayTry)
            {
                seenHash = await TakeAsync(file, bytes, hash) ? hash : null;
            }
            return Current;
        }
        finally
        {
            reading.Release();
        }
    }

    public void Dispose() => reading.Dispose();

    /// <returns>False when it could not be recorded, and has to be looked at again.</returns>
    private async Task<bool> TakeAsync(string file, byte[]? bytes, string hash)
    {
        var parsed = bytes is null
            ? Unreadable(file)
            : CatalogueFile.Parse(Encoding.UTF8.GetString(bytes), Path.GetFileName(file));
        if (parsed.Value is { } catalogue)
        {
            try
            {
                await RecordAsync(file, hash, catalogue);
            }
            // Without a catalogue the server does not start; with one, pages go on with it whatever became of the log.
            catch (Exception e) when (Current.Catalogue is not null && (e is LogDamagedException || StoreFailure.IsNoAnswer(e)))
            {
                pause.Failed();
                logger.CatalogueRefused(file, e.Message);
                Current = Current with { Issues = [NotRecorded(file)] };
                return false;
            }
            pause.Succeeded();
            Current = new CatalogueState(catalogue, hash, clock.GetUtcNow(), []);
            return true;
        }
        logger.CatalogueRefused(file, parsed.Issues.Count > 0 ? parsed.Issues[0].ToString() : "");
        Current = Current with { Issues = parsed.Issues };
        return true;
    }

    private async Task RecordAsync(string file, string hash, HospitalCatalogue catalogue)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["applications"] = catalogue.Applications.Count,
            ["file"] = Path.GetFileName(file),
            ["sha256"] = hash,
        });
        await log.AppendNewsAsync(new NewEntry(LoadedType, "", payload), last => HashOf(last) == hash);
    }

    /// <summary>The hash that a catalogue.loaded entry names: a restart with the same file is no change.</summary>
    private static string? HashOf(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.TryGetProperty("sha256", out var known) ? known.GetString() : null;
    }

    private static async Task<byte[]?> ReadAsync(string file, CancellationToken stop)
    {
        try
        {
            // A pipe or a device has no length, and reading it might never end.
            return new FileInfo(file).Length is 0 or > MaxBytes ? null : await File.ReadAllBytesAsync(file, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static DefinitionIssue NotRecorded(string file) => new("BG3094", Path.GetFileName(file), 1, 1,
        "Le catalogue a changé, mais le journal signé ne répond pas\u00a0: le changement n’est pas inscrit. Le dernier catalogue inscrit reste en vigueur\u00a0; nouvel essai chaque minute.",
        "The catalogue has changed, but the signed log does not answer: the change is not recorded. The last recorded catalogue stays in force; it is tried again each minute.");

    private static DefinitionResult<HospitalCatalogue> Unreadable(string file) => new(null,
        [new DefinitionIssue("BG3090", Path.GetFileName(file), 1, 1,
            "Le fichier du catalogue ne peut pas être lu, est vide ou dépasse 4\u00a0Mo. Le dernier catalogue valable reste en vigueur.",
            "The catalogue file cannot be read, is empty, or is larger than 4 MB. The last good catalogue stays in force.")]);
}
