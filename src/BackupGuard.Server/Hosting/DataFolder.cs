namespace BackupGuard.Server.Hosting;

/// <summary>Where the server keeps its database and its keys. Readable by its owner alone.</summary>
internal sealed class DataFolder
{
    private const UnixFileMode OwnerOnlyFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private DataFolder(string path) => Path = path;

    public string Path { get; }

    public string DatabaseFile => this["backupguard.db"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public static string Default() => Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows()
        ? "/var/lib/backupguard-server"
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "backupguard-server");

    /// <summary>Opens the folder, creating it when it is missing.</summary>
    public static DataFolder OpenOrCreate(string path)
    {
        var folder = new DataFolder(System.IO.Path.GetFullPath(path));
        CreateFolder(folder.Path);
        return folder;
    }

    /// <summary>Opens a folder that a server has used already; a mistyped path must not become a new, empty and therefore healthy-looking server.</summary>
    public static DataFolder OpenExisting(string path)
    {
        var folder = new DataFolder(System.IO.Path.GetFullPath(path));
        return File.Exists(folder.DatabaseFile) || File.Exists(folder[Persistence.DatabaseSettings.File])
            ? folder
            : throw new UsageException($"{folder.Path} holds no BackupGuard database; name the data folder with --data.");
    }

    public string Subfolder(string name)
    {
        CreateFolder(this[name]);
        return this[name];
    }

    /// <summary>Writes a secret so that it is either whole and durable under its name, or not there. Never replaces one. Its caller holds the start lock: no other process writes there.</summary>
    public void WriteSecret(string name, ReadOnlySpan<byte> content)
    {
        var temporary = this[name + ".new"];
        File.Delete(temporary);
        using (var file = new FileStream(temporary, OwnerOnly(FileMode.CreateNew)))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, this[name], overwrite: false);
    }

    /// <summary>Opens a file that no other process can open until this one closes it or ends, however it ends.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public FileStream HoldFile(string name)
    {
        var options = OwnerOnly(FileMode.OpenOrCreate);
        options.Share = FileShare.None;
        return new FileStream(this[name], options);
    }

    /// <summary>SQLite gives its side files the mode of the database: it must exist with the right one before SQLite opens it.</summary>
    public void CreateDatabaseFile() => new FileStream(DatabaseFile, OwnerOnly(FileMode.OpenOrCreate)).Dispose();

    private static FileStreamOptions OwnerOnly(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnlyFile;
        }
        return options;
    }

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnlyFolder);
        }
    }
}
