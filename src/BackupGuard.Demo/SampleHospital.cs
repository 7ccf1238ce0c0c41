using System.Reflection;

namespace BackupGuard.Demo;

/// <summary>The sample hospital in a folder of its own: real backups, copied from the tree, one of them damaged on purpose.</summary>
internal sealed class SampleHospital : IAsyncDisposable
{
    private readonly bool keep;

    private SampleHospital(string folder, bool keep) => (Folder, this.keep) = (folder, keep);

    public string Folder { get; }
    public string ServerData => Path.Combine(Folder, "server");
    public string AgentState => Path.Combine(Folder, "agent");
    public string AgentConfig => Path.Combine(Folder, "agent.yaml");
    public string Catalogue => Path.Combine(Folder, "catalogue.yaml");
    public string Pharmacy => Path.Combine(Folder, "backups", "pharmacie");

    public static string Place(string what) => typeof(SampleHospital).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == what).Value
        ?? throw new DemoException($"The build does not say where {what} is.");

    public static SampleHospital Create(bool keep)
    {
        var hospital = new SampleHospital(Directory.CreateTempSubdirectory("backupguard-demo-").FullName, keep);
        var sample = Place("Sample");
        Copy(Path.Combine(sample, "restic"), Path.Combine(hospital.Folder, "backups", "archives"));
        Copy(Path.Combine(sample, "restic"), Path.Combine(hospital.Folder, "backups", "laboratoire"));
        Copy(Path.Combine(sample, "pharmacie"), hospital.Pharmacy);
        File.Copy(Path.Combine(sample, "catalogue.yaml"), hospital.Catalogue);
        var password = Path.Combine(hospital.Folder, "restic-password.txt");
        File.Copy(Path.Combine(sample, "restic-password.txt"), password);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Damage(Path.Combine(hospital.Folder, "backups", "laboratoire"));
        File.WriteAllText(hospital.AgentConfig, File.ReadAllText(Path.Combine(sample, "agent.yaml")).Replace("@FOLDER@", hospital.Folder.Replace('\\', '/'), StringComparison.Ordinal));
        return hospital;
    }

    /// <summary>Flips one bit in the middle of the largest file: what a dying disk does, and what nobody notices without looking.</summary>
    private static void Damage(string repository)
    {
        var pack = new DirectoryInfo(Path.Combine(repository, "data")).EnumerateFiles("*", SearchOption.AllDirectories).MaxBy(f => f.Length)
            ?? throw new DemoException("The sample repository holds no data.");
        var bytes = File.ReadAllBytes(pack.FullName);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(pack.FullName, bytes);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    public ValueTask DisposeAsync()
    {
        if (keep) Console.WriteLine(Words.Of($"Le dossier de la démonstration est gardé : {Folder}", $"The demonstration's folder is kept: {Folder}"));
        else if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>French where the machine speaks French, English elsewhere.</summary>
internal static class Words
{
    public static string Of(string fr, string en) => System.Globalization.CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "fr" ? fr : en;
}
