using System.Security.Cryptography;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Contracts;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills;

/// <summary>Screenshots and the like, kept on the agent's machine under their hash; the evidence holds the hash only.</summary>
internal static class ArtefactFiles
{
    /// <returns>What the evidence says of it. Where it could not be kept, its hash is recorded all the same.</returns>
    public static ArtefactDocument Keep(string stateFolder, Artefact artefact)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(artefact.Content));
        if (stateFolder.Length > 0)
            try
            {
                var folder = Path.Combine(stateFolder, "artefacts");
                if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
                else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                var file = Path.Combine(folder, hash);
                if (!File.Exists(file)) DurableFile.Replace(file, artefact.Content);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A hash without its picture shows as a missing artefact, not as a proof.
            }
        return new ArtefactDocument(artefact.Name, artefact.MediaType, hash, artefact.Content.Length);
    }
}
