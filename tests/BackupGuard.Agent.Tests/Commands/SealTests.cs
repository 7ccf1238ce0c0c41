using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using BackupGuard.Agent.Commands;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Formats.FileSet;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Commands;

/// <summary>Sealing real folders and archives, and verifying them as the agent does.</summary>
public sealed class SealTests : IDisposable
{
    private readonly string work = Directory.CreateTempSubdirectory("backupguard-seal-").FullName;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SealTests()
    {
        Write("a.txt", "premier");
        Write("sub/deep/b.txt", "deuxième");
        Write("sub/empty", "");
    }

    private string Set => Path.Combine(work, "set");

    public void Dispose()
    {
        key.Dispose();
        Run("rm", "-rf", work);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(Set, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.Should().Be(0, "{0} {1}", program, string.Join(' ', arguments));
    }

    private Task<SealedFileSet> SealAsync(string? path = null) => new FileSetSealer(key, TimeProvider.System).SealAsync(path ?? Set, null, CancellationToken.None);

    private Task<VerifyReport> VerifyAsync(string? archive = null)
    {
        var trust = new FileSetTrust([key.ExportSubjectPublicKeyInfo()]);
        var repository = archive is null ? FileSetRepository.OverFolder(new FileSystemStore(Set), trust) : FileSetRepository.OverArchive(new FileSystemStore(work), archive, trust);
        return repository.VerifyAsync(new VerifyOptions { Clock = TimeProvider.System }, null, CancellationToken.None);
    }

    private async Task<string> RefusalAsync(string? path = null)
    {
        var sealing = () => SealAsync(path);
        var refusal = (await sealing.Should().ThrowAsync<SealRefusedException>()).Which.Message;
        Directory.EnumerateFiles(work, FileSetManifest.FileName + "*", SearchOption.AllDirectories).Should().BeEmpty("a refused seal writes nothing");
        return refusal;
    }

    [Fact]
    public async Task A_sealed_folder_is_proved_until_something_changes()
    {
        File.CreateSymbolicLink(Path.Combine(Set, "link"), "a.txt");
        File.CreateSymbolicLink(Path.Combine(Set, "nowhere"), "/no/such/file");
        Directory.CreateSymbolicLink(Path.Combine(Set, "loop"), ".");
        Directory.CreateDirectory(Path.Combine(Set, "nothing in it"));
        Run("ln", Path.Combine(Set, "a.txt"), Path.Combine(Set, "sub/same.txt"));
        var result = await SealAsync();
        result.Manifest.Files.Should().Be(4);

        var report = await VerifyAsync();
        report.Findings.Should().BeEmpty();
        report.Verdict.Should().Be(Verdict.Proved);

        Write("sub/deep/b.txt", "deuxieme!");
        (await VerifyAsync()).Findings.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Code = "BG1206", Subject = "sub/deep/b.txt" });
        await SealAsync();
        (await VerifyAsync()).Verdict.Should().Be(Verdict.Proved, "it was sealed anew");
    }

    [Fact]
    public async Task Kinds_modes_times_and_links_are_written_down()
    {
        File.CreateSymbolicLink(Path.Combine(Set, "link"), "sub/../a.txt");
        Run("ln", Path.Combine(Set, "a.txt"), Path.Combine(Set, "sub/same.txt"));
        Run("ln", Path.Combine(Set, "sub/empty"), Path.Combine(work, "outside"));
        Run("chmod", "0640", Path.Combine(Set, "a.txt"));
        Run("touch", "-d", "2001-02-03T04:05:06.123456789Z", Path.Combine(Set, "a.txt"));
        var entries = (await SealAsync()).Manifest.Entries.ToDictionary(e => e.PathText!);
        entries.Keys.Should().Equal("a.txt", "link", "sub", "sub/deep", "sub/deep/b.txt", "sub/empty", "sub/same.txt");
        entries["a.txt"].Should().BeEquivalentTo(new { Kind = FileSetKind.File, Size = 7, Mode = 0b110_100_000, ModifiedAtNanoseconds = 981_173_106_123_456_789, LinkGroup = (int?)1 });
        entries["sub/same.txt"].Should().BeEquivalentTo(new { entries["a.txt"].Sha256, LinkGroup = (int?)1 });
        entries["sub/empty"].LinkGroup.Should().BeNull("its other name lies outside");
        entries["link"].Should().BeEquivalentTo(new { Kind = FileSetKind.SymbolicLink, Target = "sub/../a.txt"u8.ToArray() });
        entries["sub"].Kind.Should().Be(FileSetKind.Directory);
    }

    [Theory]
    [InlineData(".tar")]
    [InlineData(".tar.gz")]
    [InlineData(".tar.zst")]
    [InlineData(".zip")]
    public async Task An_archive_is_sealed_beside_and_not_touched(string ending)
    {
        var archive = Path.Combine(work, "export" + ending);
        if (ending == ".zip") System.IO.Compression.ZipFile.CreateFromDirectory(Set, archive);
        else Run("tar", "-C", Set, ending switch { ".tar" => "-cf", ".tar.gz" => "-czf", _ => "--zstd" }, ending == ".tar.zst" ? "-cf" + archive : archive, ".");
        var before = File.ReadAllBytes(archive);
        (await SealAsync(archive)).ManifestPath.Should().Be(archive + ".backupguard.manifest.json");
        File.ReadAllBytes(archive).Should().Equal(before);
        (await VerifyAsync("export" + ending)).Verdict.Should().Be(Verdict.Proved);
    }

    [Fact]
    public async Task A_named_pipe_is_refused_and_not_waited_for()
    {
        Run("mkfifo", Path.Combine(Set, "pipe"));
        (await RefusalAsync()).Should().Contain("pipe cannot be sealed").And.Contain("device");
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_is_refused()
    {
        Run("sh", "-c", $"touch '{Set}'/$(printf 'caf\\351')");
        (await RefusalAsync()).Should().Contain("not valid UTF-8");
    }

    [Fact]
    public async Task An_empty_folder_is_refused()
    {
        var empty = Directory.CreateDirectory(Path.Combine(work, "empty/sub")).Parent!.FullName;
        (await RefusalAsync(empty)).Should().Contain("holds no file");
    }

    [Fact]
    public async Task A_damaged_archive_is_refused()
    {
        var archive = Path.Combine(work, "export.tar");
        Run("tar", "-C", Set, "-cf", archive, ".");
        File.WriteAllBytes(archive, File.ReadAllBytes(archive)[..2000]);
        (await RefusalAsync(archive)).Should().Contain("it ends before the end");
    }

    [Theory]
    [InlineData("no such thing")]
    [InlineData("set/a.txt")]
    public async Task What_is_neither_folder_nor_archive_is_wrong_usage(string path)
    {
        var sealing = () => SealAsync(Path.Combine(work, path));
        await sealing.Should().ThrowAsync<UsageException>();
    }

    [Fact]
    public void A_key_of_another_curve_or_none_is_wrong_usage()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var file = Path.Combine(work, "key.pem");
        foreach (var content in new[] { other.ExportPkcs8PrivateKeyPem(), "no key", key.ExportSubjectPublicKeyInfoPem() })
        {
            File.WriteAllText(file, content);
            var opening = () => SealingKey.Open(file);
            opening.Should().Throw<UsageException>();
        }
    }

    [Fact]
    public async Task The_verb_prints_one_document_and_signs_with_the_key_it_was_given()
    {
        var file = Path.Combine(work, "key.pem");
        File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem());
        var command = SealCommand.Create(TimeProvider.System, _ => throw new InvalidOperationException("the agent's key was not asked for"));
        var standardOutput = Console.Out;
        var printed = new StringWriter();
        Console.SetOut(printed);
        try
        {
            (await command.Parse([Set, "--key", file, "--format", "json"]).InvokeAsync()).Should().Be(0);
        }
        finally
        {
            Console.SetOut(standardOutput);
        }

        using var document = JsonDocument.Parse(printed.ToString());
        document.RootElement.GetProperty("schema").GetString().Should().Be("backupguard.seal/v1");
        document.RootElement.GetProperty("files").GetInt64().Should().Be(3);
        (await VerifyAsync()).Verdict.Should().Be(Verdict.Proved);
    }
}
