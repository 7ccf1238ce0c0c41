using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackupGuard.Verification.Cryptography;
using BackupGuard.Verification.Formats.Restic;
using Xunit;

namespace BackupGuard.Verification.Tests.Restic;

/// <summary>Repositories made by the restic binary once a test run, with a key file rewrapped so that each opening costs no second.</summary>
public sealed class ResticFixture : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bg-restic-").FullName;

    public ResticFixture()
    {
        Source = Path.Combine(folder, "source");
        MakeSource();
        Version1 = Make(1, []);
        Version2 = Make(2, []);
        Uncompressed = Make(2, ["--compression", "off"], "off");
    }

    public string Source { get; }
    internal RepositoryCopy Version1 { get; }
    internal RepositoryCopy Version2 { get; }
    internal RepositoryCopy Uncompressed { get; }

    internal RepositoryCopy Of(int version) => version == 1 ? Version1 : Version2;

    private void MakeSource()
    {
        var random = new Random(11);
        Directory.CreateDirectory(Path.Combine(Source, "docs", "deep", "er"));
        for (var i = 0; i < 40; i++) File.WriteAllText(Path.Combine(Source, "docs", $"n{i:00}.txt"), string.Concat(Enumerable.Repeat($"ligne {i}\n", random.Next(1, 800))));
        foreach (var (name, size) in (ReadOnlySpan<(string, int)>)[("a.bin", 1_200_000), ("b.bin", 600_000), ("empty", 0), ("one", 1)])
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(Source, name), bytes);
        }
        File.WriteAllText(Path.Combine(Source, "docs", "deep", "er", "été \"guil\" \\ barre.txt"), "accents");
        File.CreateSymbolicLink(Path.Combine(Source, "lien"), "docs/n01.txt");
    }

    private RepositoryCopy Make(int version, string[] extra, string suffix = "")
    {
        var repository = Path.Combine(folder, $"v{version}{suffix}");
        Restic(0, ["-r", repository, "--no-cache", "init", "--repository-version", $"{version}"]);
        Restic(0, ["-r", repository, "--no-cache", "backup", Source, "--host", "fixture", "--tag", "app=dpi", "--time", "2024-01-01 00:00:00", .. extra]);
        File.AppendAllText(Path.Combine(Source, "docs", "n01.txt"), "change\n");
        Restic(0, ["-r", repository, "--no-cache", "backup", Source, "--host", "fixture", "--time", "2024-01-02 00:00:00", .. extra]);
        var copy = RepositoryCopy.Of(repository);
        Rewrap(copy);
        return copy;
    }

    /// <summary>The same master key behind a cheap scrypt: what is tested is the repository, not the patience.</summary>
    internal static void Rewrap(RepositoryCopy copy)
    {
        var name = copy.One("keys/");
        using var wrapped = JsonDocument.Parse(copy.Files[name]);
        var file = KeyFile.TryParse(copy.Files[name], out _) ?? throw new InvalidOperationException("restic wrote a key file that we refuse");
        var derived = new byte[64];
        Scrypt.DeriveKey(Encoding.UTF8.GetBytes(RepositoryCopy.Password), file.Salt, file.N, file.R, file.P, derived);
        using var outer = ResticKey.From(derived.AsSpan(0, 32), derived.AsSpan(32, 16), derived.AsSpan(48))!;
        var data = file.Data.ToArray();
        if (!outer.TryOpen(data, out var master)) throw new InvalidOperationException("the password of the fixture does not open its key");
        Scrypt.DeriveKey(Encoding.UTF8.GetBytes(RepositoryCopy.Password), file.Salt, 128, 1, 1, derived);
        using var cheap = ResticKey.From(derived.AsSpan(0, 32), derived.AsSpan(32, 16), derived.AsSpan(48))!;
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["created"] = "2024-01-01T00:00:00Z", ["username"] = "u", ["hostname"] = "h", ["kdf"] = "scrypt", ["N"] = 128, ["r"] = 1, ["p"] = 1,
            ["salt"] = file.Salt, ["data"] = cheap.Seal(master, RandomNumberGenerator.GetBytes(16)),
        });
        copy.Files.Remove(name);
        copy.Files["keys/" + Convert.ToHexStringLower(SHA256.HashData(json))] = json;
    }

    /// <summary>Runs the binary. Missing, it fails the test: tests/run.sh installs it.</summary>
    public static string Restic(int? expectedExit, string[] arguments)
    {
        var start = new ProcessStartInfo("restic", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RESTIC_PASSWORD"] = RepositoryCopy.Password;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("restic did not start");
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        if (expectedExit is { } exit) Assert.True(process.ExitCode == exit, $"restic {string.Join(' ', arguments)} gave {process.ExitCode}: {output}");
        return $"{process.ExitCode} {output}";
    }

    /// <summary>What <c>restic check --read-data</c> says of a copy: its exit status.</summary>
    internal int Check(RepositoryCopy copy)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("n"));
        copy.WriteTo(path);
        try
        {
            return int.Parse(Restic(null, ["-r", path, "--no-cache", "--no-lock", "check", "--read-data"]).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
