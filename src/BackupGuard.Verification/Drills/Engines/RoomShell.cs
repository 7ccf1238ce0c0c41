namespace BackupGuard.Verification.Drills.Engines;

/// <summary>Small scripts for a drill's room. What comes from a backup goes in as an argument, never into the text.</summary>
internal static class RoomShell
{
    public static RoomCommand Script(string script, params IEnumerable<string> arguments) => new(["/bin/sh", "-c", script, "sh", .. arguments]);

    /// <summary>The restored file or folder as programs of the room see it.</summary>
    public static string PathOf(this IDrillRoom room, RestoredPath? path) => path is null ? room.Restored : $"{room.Restored}/{path}";

    /// <summary>A path below a restored folder.</summary>
    public static RestoredPath Under(RestoredPath? folder, string name) =>
        RestoredPath.TryParse(folder is null ? name : $"{folder}/{name}", out var path, out var refusal) ? path : throw new ArgumentException(refusal, nameof(name));

    /// <returns>The file's first bytes as text, or null when it is not there.</returns>
    public static string? ReadText(this IRestoredFiles files, RestoredPath path, int mostBytes)
    {
        using var stream = files.OpenRead(path);
        if (stream is null) return null;
        var bytes = new byte[mostBytes];
        try
        {
            return System.Text.Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, mostBytes, throwOnEndOfStream: false));
        }
        catch (IOException e)
        {
            throw new SandboxException($"{path} could not be read: {e.Message}", e);
        }
    }

    /// <returns>The beginning of a file that a program wrote below the room's scratch folder; empty when it is not there.</returns>
    public static string ReadScratch(this IDrillRoom room, string name, int mostBytes)
    {
        if (!RestoredPath.TryParse(name, out var path, out var refusal)) throw new ArgumentException(refusal, nameof(name));
        return room.Read(path, mostBytes) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : "";
    }

    /// <summary>For a step that prepares and whose failure says nothing about the data.</summary>
    /// <exception cref="SandboxException">It failed.</exception>
    public static async Task<RoomEnd> MustRunAsync(this IDrillRoom room, RoomCommand command, string what, CancellationToken cancellationToken)
    {
        var end = await room.RunAsync(command, cancellationToken);
        if (!end.Succeeded) throw new SandboxException(end.TimedOut ? $"{what} did not end in time" : $"{what} ended with exit code {end.ExitCode}");
        return end;
    }
}
