namespace BackupGuard.Verification.Drills.Scans;

/// <summary>What both scanners answer with, and how their alarm is tried.</summary>
internal static class Hits
{
    private const int MostNamed = 20;

    /// <summary>Nothing found in nothing is no answer.</summary>
    public static readonly Said NothingThere = new("there is no file with anything in it", "il n’y a aucun fichier qui contienne quelque chose");

    public static ProbeAnswer Found(string scanner, IReadOnlyList<(string Path, string Signature)> hits, IReadOnlyDictionary<string, double> measures)
    {
        var files = hits.Select(h => h.Path).Distinct(StringComparer.Ordinal).Count();
        return new(Verdict.Failed, new($"{scanner} found something in {files} files", $"{scanner} a trouvé quelque chose dans {files} fichiers"))
        {
            Measures = measures, Findings = [.. hits.Take(MostNamed).Select(h => DrillFindings.MalwareFound.AtPath(h.Path, ("scanner", scanner), ("signature", h.Signature)))],
        };
    }

    /// <summary>Puts a file that must be recognised in the place of a restored one.</summary>
    public static async Task<Said?> PlantAsync(ProbeScene scene, string? sample, CancellationToken cancellationToken)
    {
        foreach (var entry in scene.Restored.List())
        {
            if (entry.Kind != RestoredKind.File || !RestoredPath.TryParse(entry.Path, out var path, out _)) continue;
            if (sample is not null)
            {
                var room = await scene.Room(cancellationToken);
                var end = await room.RunAsync(new RoomCommand(["cp", "--", sample, $"{room.Restored}/{path}"]) { AsRoot = true }, cancellationToken);
                return end.Succeeded ? new("one file replaced by the sample", "un fichier remplacé par l’échantillon") : throw new SandboxException("the sample could not be copied into the room");
            }
            if (scene.Damage is not { } damage) return null;
            using var stream = damage.OpenWrite(path);
            stream.SetLength(0);
            stream.Write(TestFile());
            return new("one file replaced by the test file of the antivirus industry", "un fichier remplacé par le fichier de test des antivirus");
        }
        return null;
    }

    /// <summary>EICAR's 68 bytes, put together here: whole in this program they would have it quarantined.</summary>
    public static byte[] TestFile() => [.. "X5O!P%@AP[4\\PZX54(P^)7CC)7}"u8, .. "$EICAR-STANDARD-"u8, .. "ANTIVIRUS-TEST-FILE!$H+H*"u8];
}
