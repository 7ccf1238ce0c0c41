namespace BackupGuard.Agent.Stores;

/// <summary>Between the keys of a bucket or a container, which may be any text, and the names of the port, which cannot leave the store.</summary>
internal static class ObjectNames
{
    /// <exception cref="ArgumentException">It is no name of the port.</exception>
    public static string Checked(string name) => IsName(name) ? name : throw new ArgumentException($"Not the name of an object: {name}", nameof(name));

    public static bool IsName(string name) => name.Length > 0 && !name.Split('/').Any(IsUnnameable);

    /// <summary>A key without a name of the port is shown with the parts escaped that make it so: nothing lies under that name, so that opening it is NotFound.</summary>
    public static string Shown(string key) => IsName(key) ? key : string.Join('/', key.Split('/').Select(part => part switch { "" => "%2F", "." => "%2E", ".." => "%2E%2E", _ => part }));

    /// <summary>Consoles write an empty object "folder/" to show a folder; it is none of anybody's backup.</summary>
    public static bool IsFolderMark(string key, long length) => length == 0 && (key.Length == 0 || key[^1] == '/');

    private static bool IsUnnameable(string part) => part is "" or "." or "..";
}
