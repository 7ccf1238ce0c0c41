using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using BackupGuard.Verification.Formats.FileSet;

namespace BackupGuard.Agent.Commands;

/// <summary>seal: writes the signed manifest of a folder or an archive.</summary>
public static class SealCommand
{
    public const string SchemaId = "backupguard.seal/v1";

    /// <param name="agentKey">The agent's own key; gets the state folder that was named, or null for the default. The command disposes of the key.</param>
    public static Command Create(TimeProvider clock, Func<string?, ECDsa> agentKey)
    {
        var target = new Argument<string>("dir-or-archive") { Description = "the folder, or the archive (.tar, .tar.gz, .tar.zst, .zip), to seal" };
        var keyFile = new Option<string?>("--key") { Description = "PEM file with a P-256 private key; else the agent's own key signs" };
        var state = CommandLine.State();
        var format = CommandLine.Format();
        var command = new Command("seal", "Writes down what a folder or an archive holds now, signed: verify files:<it> then finds every change.") { target, keyFile, state, format };
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            using var key = parsed.GetValue(keyFile) is { } file ? SealingKey.Open(file) : agentKey(parsed.GetValue(state));
            try
            {
                SealedFileSet result;
                using (var progress = new ProgressLine(clock)) result = await new FileSetSealer(key, clock).SealAsync(parsed.GetRequiredValue(target), progress, cancellationToken);
                if (parsed.GetValue(format) == "json") Console.Out.WriteLine(ToJson(result));
                else Print(result);
                return CommandLine.Proved;
            }
            catch (SealRefusedException e)
            {
                await Console.Error.WriteLineAsync($"backupguard-agent: {e.Message}");
                return CommandLine.Failed;
            }
        }));
        return command;
    }

    private static void Print(SealedFileSet result)
    {
        var (manifest, key) = (result.Manifest, FileSetRepository.Fingerprint(result.Manifest.PublicKey));
        Console.Error.WriteLine(CommandLine.Language == "fr"
            ? $"Scellé : {manifest.Files} fichiers, {CommandLine.Size(manifest.Bytes)}, clé {key}\n    → Le manifeste : {result.ManifestPath}"
            : $"Sealed: {manifest.Files} files, {CommandLine.Size(manifest.Bytes)}, key {key}\n    → The manifest: {result.ManifestPath}");
    }

    private static string ToJson(SealedFileSet result) => new JsonObject
    {
        ["schema"] = SchemaId,
        ["target"] = result.Path,
        ["id"] = result.Manifest.Id,
        ["sealedAt"] = result.Manifest.SealedAt.ToString("O", CultureInfo.InvariantCulture),
        ["key"] = FileSetRepository.Fingerprint(result.Manifest.PublicKey),
        ["files"] = result.Manifest.Files,
        ["bytes"] = result.Manifest.Bytes,
        ["manifest"] = result.ManifestPath,
        ["signature"] = result.SignaturePath,
    }.ToJsonString();
}
