using System.Formats.Tar;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using BackupGuard.Verification.Formats.Driven;
using BackupGuard.Verification.Tests.FileSet;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Driven;

/// <summary>One vector a lie: what an adapter could say, and what may be made of it. The adapter here only speaks; real ones are run by the agent's tests.</summary>
public sealed class AdapterTests
{
    private const string Hello = """{"type":"hello","contract":"backupguard.adapter/v1","run":"$RUN","verb":"$VERB","tool":"acme","version":"3.2"}""";
    private const string Old = """{"type":"snapshot","id":"s-0001","time":"2024-01-01T02:00:00Z","files":1,"bytes":5}""";
    private const string New = """{"type":"snapshot","id":"s-0002","time":"2024-01-02T02:00:00.5Z","files":2,"bytes":11,"host":"srv","tag":"nightly"}""";
    private const string Object = """{"type":"object","name":"a.pack","bytes":70}""";
    private const string Progress = """{"type":"progress","bytes":70,"objects":1,"totalBytes":70,"totalObjects":1}""";
    private const string Result = """{"type":"result","outcome":"good","snapshot":"s-0002","objectsRead":1,"bytesRead":70,"bytesStored":70}""";
    private const string Listed = """{"type":"result","outcome":"good","snapshot":"s-0002","objectsRead":0,"bytesRead":0,"bytesStored":0}""";

    private static readonly DateTimeOffset Now = new(2024, 1, 3, 0, 0, 0, TimeSpan.Zero);

    private static string Lines(params string[] lines) => string.Concat(lines.Select(l => l + "\n"));
    private static readonly string Good = Lines(Hello, Old, New, Object, Progress, Result);

    private static Task<VerifyReport> VerifyAsync(string output, int exit = 0, ReadData? read = null) =>
        new CommandRepository(new Speaker { Output = output, Exit = exit }, "acme-adapter").VerifyAsync(new VerifyOptions { Clock = new Clock(), ReadData = read ?? ReadData.All }, null, CancellationToken.None);

    [Fact]
    public async Task An_answer_by_the_rules_is_believed_and_says_whose_it_is()
    {
        var report = await VerifyAsync(Good);
        report.Verdict.Should().Be(Verdict.Proved, string.Join(", ", report.Findings.Select(f => f.Message("en"))));
        report.DrivenBy.Should().Be(new DrivenBy("acme", "3.2"));
        report.Findings.Select(f => f.Code).Should().Equal((string[])["BG1850"], "whose word it is stands beside it");
        (report.BytesRead, report.ObjectsRead, report.Coverage).Should().Be((70, 1, 1));
        report.Snapshots.Select(s => s.Id).Should().Equal((string[])["s-0001", "s-0002"], "they were listed");
        report.Inventory!.Protection.IsKnown.Should().BeFalse("nobody looked whether it is encrypted");
    }

    public static TheoryData<string, string, int, string, Verdict> Lies() => new()
    {
        { "silence", "", 0, "BG1852", Verdict.Inconclusive },
        { "no result", Lines(Hello, Old, New), 0, "BG1852", Verdict.Inconclusive },
        { "output cut in the last line", Good[..^1], 0, "BG1852", Verdict.Inconclusive },
        { "something behind the result", Good + Lines(Object), 0, "BG1852", Verdict.Inconclusive },
        { "an empty line behind the result", Good + "\n", 0, "BG1852", Verdict.Inconclusive },
        { "two results", Good + Lines(Result), 0, "BG1852", Verdict.Inconclusive },
        { "no hello", Lines(New, Object, Result), 0, "BG1852", Verdict.Inconclusive },
        { "two hellos", Lines(Hello, Hello, New, Object, Result), 0, "BG1852", Verdict.Inconclusive },
        { "another contract", Good.Replace("adapter/v1", "adapter/v2", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "another verb", Good.Replace("$VERB", "inspect", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "an answer recorded earlier", Good.Replace("$RUN", new string('a', 32), StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "no name", Good.Replace("acme", "", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "an unknown type", Good.Replace("\"progress\"", "\"rumour\"", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "an unknown field", Good.Replace("\"host\"", "\"colour\"", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a field twice", Good.Replace("\"bytesRead\":70", "\"bytesRead\":70,\"bytesRead\":70", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a field missing", Good.Replace("\"objectsRead\":1,", "", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "NaN", Good.Replace("\"bytesRead\":70", "\"bytesRead\":NaN", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a fraction", Good.Replace("\"bytesRead\":70", "\"bytesRead\":70.5", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a negative number", Good.Replace("\"bytesRead\":70", "\"bytesRead\":-70", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a number out of bounds", Good.Replace("\"bytesRead\":70", "\"bytesRead\":99999999999999999999", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "objects whose bytes have no sum", Good.Replace(Object, Object.Replace("70", "9223372036854775807", StringComparison.Ordinal) + "\n" + Object, StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a number as text", Good.Replace("\"bytesRead\":70", "\"bytesRead\":\"70\"", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "null", Good.Replace("\"bytesRead\":70", "\"bytesRead\":null", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "nested values", Good.Replace("\"host\":\"srv\"", "\"host\":[[[[]]]]", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "two objects in a line", Good.Replace("}\n{\"type\":\"object\"", "}{\"type\":\"object\"", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "no object at all", Good.Replace(Object, "[]", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a line without end", Lines(Hello) + "{\"type\":\"finding\",\"message\":\"" + new string('x', 70_000), 0, "BG1852", Verdict.Inconclusive },
        { "a name without end", Good.Replace("\"srv\"", "\"" + new string('x', 300) + "\"", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a snapshot twice", Good.Replace("s-0001", "s-0002", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a snapshot whose name is an option", Good.Replace("s-0002", "--rm", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a time that is none", Good.Replace("2024-01-02T", "2024-02-30T", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "a time without its zone", Good.Replace("02:00:00Z", "02:00:00", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "bytes that are no text", Good.Replace("srv", "$BAD", StringComparison.Ordinal), 0, "BG1852", Verdict.Inconclusive },
        { "unknown without a reason", Good.Replace("\"good\"", "\"unknown\"", StringComparison.Ordinal), 3, "BG1852", Verdict.Inconclusive },
        { "good, and exit status 1", Good, 1, "BG1853", Verdict.Inconclusive },
        { "good, and killed by a signal", Good, 137, "BG1853", Verdict.Inconclusive },
        { "bad, and exit status 0", Good.Replace("\"good\"", "\"bad\"", StringComparison.Ordinal), 0, "BG1853", Verdict.Failed },
        { "good, and nothing read", Lines(Hello, New, Listed), 0, "BG1854", Verdict.Failed },
        { "good, and a snapshot of no files", Good.Replace("\"files\":2,\"bytes\":11", "\"files\":0,\"bytes\":0", StringComparison.Ordinal), 0, "BG1854", Verdict.Failed },
        { "good, and no snapshot", Lines(Hello, Object, Result.Replace("s-0002", "", StringComparison.Ordinal)), 0, "BG1005", Verdict.Failed },
        { "good, and an error beside it", Good.Replace(Progress, """{"type":"finding","severity":"error","subject":"a.pack","message":"bad block","code":"E7"}""", StringComparison.Ordinal), 0, "BG1860", Verdict.Failed },
        { "objects that do not add up", Good.Replace("\"objectsRead\":1", "\"objectsRead\":9", StringComparison.Ordinal), 0, "BG1860", Verdict.Inconclusive },
        { "more read than there is", Lines(Hello, New, Result.Replace("\"bytesRead\":70", "\"bytesRead\":71", StringComparison.Ordinal)), 0, "BG1860", Verdict.Inconclusive },
        { "a part taken for the whole", Good.Replace("\"bytesStored\":70", "\"bytesStored\":700", StringComparison.Ordinal), 0, "BG1866", Verdict.Inconclusive },
        { "a result about another snapshot", Good.Replace("\"snapshot\":\"s-0002\"", "\"snapshot\":\"s-0001\"", StringComparison.Ordinal), 0, "BG1862", Verdict.Inconclusive },
        { "a snapshot from the future", Good.Replace("2024-01-02T", "2024-01-04T", StringComparison.Ordinal), 0, "BG1861", Verdict.Inconclusive },
        { "damage, then an end without result", Lines(Hello, New, """{"type":"finding","severity":"error","subject":"a.pack","message":"bad block"}"""), 0, "BG1855", Verdict.Failed },
        { "bad", Good.Replace("\"good\"", "\"bad\"", StringComparison.Ordinal), 1, "BG1858", Verdict.Failed },
        { "unknown", Good.Replace("\"outcome\":\"good\"", "\"outcome\":\"unknown\",\"reason\":\"the tape is away\"", StringComparison.Ordinal), 3, "BG1859", Verdict.Inconclusive },
        { "an error of its own", Good.Replace("\"good\"", "\"bad\"", StringComparison.Ordinal).Replace(Progress, """{"type":"finding","severity":"error","subject":"a","message":"m"}""", StringComparison.Ordinal), 1, "BG1855", Verdict.Failed },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lie_is_never_taken_for_good(string lie, string output, int exit, string code, Verdict verdict)
    {
        var report = await VerifyAsync(output, exit);
        report.Verdict.Should().Be(verdict, $"{lie}: {string.Join(", ", report.Findings.Select(f => f.Code))}");
        report.Findings.Select(f => f.Code).Should().Contain(code, lie);
    }

    [Fact]
    public async Task The_line_that_breaks_the_contract_is_named()
    {
        var report = await VerifyAsync(Good.Replace("\"host\"", "\"colour\"", StringComparison.Ordinal));
        report.Findings.Should().ContainSingle(f => f.Code == "BG1852").Which.Message("en").Should().Be("The answer of the adapter acme-adapter breaks the contract in line 3: snapshot has no field \"colour\".");
    }

    [Fact]
    public async Task The_tool_s_own_words_are_shown_without_control_characters_and_not_for_ever()
    {
        var escape = """{"type":"finding","severity":"warning","subject":"a\u001b[2Jb","message":"\u0007""" + new string('w', 900) + "\"}";
        var report = await VerifyAsync(Good.Replace(Progress, escape + "\n" + """{"type":"finding","severity":"info","subject":"a","message":"note"}""", StringComparison.Ordinal));
        report.Verdict.Should().Be(Verdict.Proved, "a warning is no damage");
        var warning = report.Findings.Single(f => f.Code == "BG1856");
        warning.Message("en").Should().NotContain("\u001b").And.NotContain("\u0007").And.Contain("acme 3.2");
        warning.Message("en").Length.Should().BeLessThan(800);
        warning.WithoutPaths().Subject.Should().StartWith("path sha256:", "it may be a patient's name");
        report.Findings.Should().Contain(f => f.Code == "BG1857");
    }

    [Fact]
    public async Task More_findings_of_one_kind_than_can_be_listed_are_counted()
    {
        var many = string.Join('\n', Enumerable.Range(0, 600).Select(i => $$"""{"type":"finding","severity":"warning","subject":"s{{i}}","message":"m"}"""));
        (await VerifyAsync(Good.Replace(Progress, many, StringComparison.Ordinal))).Findings.Should().Contain(f => f.Code == "BG1867" && f.Data["count"] == "100");
        var tooMany = string.Join('\n', Enumerable.Range(0, 10_001).Select(_ => """{"type":"finding","severity":"info","subject":"s","message":"m"}"""));
        (await VerifyAsync(Good.Replace(Progress, tooMany, StringComparison.Ordinal))).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task Without_reading_nothing_is_proved_and_only_inspect_is_asked()
    {
        var speaker = new Speaker { Output = Lines(Hello, New, Listed) };
        var report = await new CommandRepository(speaker, "acme-adapter").VerifyAsync(new VerifyOptions { Clock = new Clock(), ReadData = ReadData.None }, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        speaker.Asked.Should().Equal((string[])["inspect"], "nothing was to be read");
    }

    [Theory]
    [InlineData(ToolFailure.NotStarted), InlineData(ToolFailure.TimedOut), InlineData(ToolFailure.Hidden)]
    public async Task An_adapter_that_gives_no_answer_leaves_everything_unknown(ToolFailure failure)
    {
        var repository = new CommandRepository(new Speaker { Fails = new ToolException(failure, "it is not there") }, "acme-adapter");
        var report = await repository.VerifyAsync(new VerifyOptions { Clock = new Clock() }, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Should().Contain(f => f.Code == "BG1851");
        (await repository.InspectAsync(CancellationToken.None)).Verdict.Should().Be(Verdict.Inconclusive);
        (await repository.RestoreAsync(new RestoreOptions { Snapshot = "latest", Clock = new Clock() }, new MemoryTarget(), null, CancellationToken.None)).Verdict.Should().Be(Verdict.Inconclusive);
    }

    private static byte[] Tar(params TarEntry[] entries)
    {
        var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, leaveOpen: true))
            foreach (var entry in entries) writer.WriteEntry(entry);
        return stream.ToArray();
    }

    private static PaxTarEntry File(string name, string text) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };
    private static PaxTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };
    private static readonly byte[] Whole = Tar(new PaxTarEntry(TarEntryType.Directory, "data"), File("data/a", "hello"), File("data/b", "world!"), Link("latest", "data/b"));

    private static async Task<(RestoreReport Report, MemoryTarget Target)> RestoreAsync(byte[] tar, int exit = 0, string snapshot = "latest", params string[] include)
    {
        var target = new MemoryTarget();
        var speaker = new Speaker { Output = Lines(Hello, Old, New, Listed), Stream = tar, StreamExit = exit };
        var report = await new CommandRepository(speaker, "acme-adapter").RestoreAsync(new RestoreOptions { Snapshot = snapshot, Clock = new Clock(), Include = include }, target, null, CancellationToken.None);
        return (report, target);
    }

    [Fact]
    public async Task A_restore_brings_back_what_was_listed()
    {
        var (report, target) = await RestoreAsync(Whole);
        report.Verdict.Should().Be(Verdict.Proved, string.Join(", ", report.Findings.Select(f => f.Message("en"))));
        (report.Files, report.Bytes, report.Snapshot!.Id, report.DrivenBy!.Tool).Should().Be((2, 11, "s-0002", "acme"));
        Encoding.UTF8.GetString(target.Files["data/b"]).Should().Be("world!");
        target.SymbolicLinks["latest"].Should().Be("data/b");
        (await RestoreAsync(Whole, 0, "latest", "data/a")).Target.Files.Keys.Should().Equal((string[])["data/a"], "only that was asked for");
    }

    public static TheoryData<string, byte[], int, string> BadStreams() => new()
    {
        { "nothing", [], 0, "BG1863" },
        { "cut in the middle", Whole[..2000], 0, "BG1863" },
        { "no tar", Encoding.ASCII.GetBytes(new string('x', 4096)), 0, "BG1863" },
        { "bytes behind its end", [.. Whole, 1], 0, "BG1863" },
        { "exit status 1", Whole, 1, "BG1865" },
        { "a file less", Tar(File("data/a", "hello")), 0, "BG1864" },
        { "fewer bytes", Tar(File("data/a", "hello"), File("data/b", "world")), 0, "BG1864" },
        { "a file more", Tar(File("data/a", "hello"), File("data/b", "world!"), File("data/c", "")), 0, "BG1863" },
        { "more bytes", Tar(File("data/a", "hello"), File("data/b", "world! And more")), 0, "BG1863" },
        { "a name that leaves the folder", Tar(File("data/a", "hello"), File("../b", "world!")), 0, "BG1302" },
        { "an absolute name", Tar(File("data/a", "hello"), File("/etc/b", "world!")), 0, "BG1302" },
        { "a pipe", Tar(File("data/a", "hello"), File("data/b", "world!"), new PaxTarEntry(TarEntryType.Fifo, "data/p")), 0, "BG1302" },
        { "a name twice", Tar(File("data/a", "hello"), File("data/a", "world!")), 0, "BG1303" },
    };

    [Theory]
    [MemberData(nameof(BadStreams))]
    public async Task A_stream_that_is_not_what_was_listed_is_no_restore(string what, byte[] tar, int exit, string code)
    {
        var (report, _) = await RestoreAsync(tar, exit);
        report.Verdict.Should().Be(Verdict.Failed, what);
        report.Findings.Select(f => f.Code).Should().Contain(code, what);
    }

    [Fact]
    public async Task A_snapshot_that_is_not_listed_is_never_asked_for()
    {
        var (report, _) = await RestoreAsync(Whole, 0, "s-0003");
        report.Findings.Should().ContainSingle(f => f.Code == "BG1301");
        (await RestoreAsync(Whole, 0, "s-00")).Report.Findings.Should().Contain(f => f.Code == "BG1301", "two begin so");
    }

    [Fact]
    public async Task The_schema_and_the_reader_know_the_same_lines()
    {
        var schema = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(SchemaFile()))!;
        var samples = new Dictionary<string, string> { ["hello"] = Hello, ["snapshot"] = New, ["progress"] = Progress, ["object"] = Object, ["finding"] = """{"type":"finding","severity":"info","subject":"a","message":"m","code":"c"}""", ["result"] = Result.Replace("\"bytesStored\":70", "\"bytesStored\":70,\"reason\":\"r\"", StringComparison.Ordinal) };
        foreach (var (type, sample) in samples)
        {
            var about = schema["$defs"]![type]!;
            var known = about["properties"]!.AsObject().Select(p => p.Key).ToList();
            var required = about["required"]!.AsArray().Select(r => r!.GetValue<string>()).ToList();
            JsonNode.Parse(sample)!.AsObject().Select(p => p.Key).Should().BeEquivalentTo(known, $"the sample of {type} has every field of the schema");
            (await Outcome(type, samples, sample)).Should().Be(Verdict.Proved, $"{type} with every field");
            foreach (var field in known.Where(k => k != "type"))
            {
                var without = JsonNode.Parse(sample)!.AsObject();
                without.Remove(field);
                var verdict = await Outcome(type, samples, without.ToJsonString());
                (verdict == Verdict.Proved).Should().Be(!required.Contains(field), $"{type} without {field}");
            }
        }
    }

    private static async Task<Verdict> Outcome(string type, Dictionary<string, string> samples, string line) =>
        (await VerifyAsync(Lines([.. samples.Select(s => s.Key == type ? line : s.Value)]))).Verdict;

    private static string SchemaFile([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "src", "BackupGuard.Verification", "Formats", "Driven", "adapter.schema.json"));    // this file has a folder

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>Says what it is told to; $RUN and $VERB are what it was asked.</summary>
    private sealed class Speaker : IDrivenTool
    {
        public string Output { get; init; } = "";
        public int Exit { get; init; }
        public byte[] Stream { get; init; } = [];
        public int StreamExit { get; init; }
        public ToolException? Fails { get; init; }
        public List<string> Asked { get; } = [];

        public async Task<ToolEnd> RunAsync(ToolQuestion question, Func<Stream, CancellationToken, Task> read, CancellationToken cancellationToken)
        {
            if (Fails is not null) throw Fails;
            Asked.Add(question.Arguments[0]);
            var isRestore = question.Arguments[0] == "restore";
            var bytes = isRestore ? Stream : Encoding.UTF8.GetBytes(Output.Replace("$RUN", question.Environment["BACKUPGUARD_RUN"], StringComparison.Ordinal).Replace("$VERB", question.Arguments[0], StringComparison.Ordinal));
            for (var at = bytes.AsSpan().IndexOf("$BAD"u8); at >= 0; at = bytes.AsSpan().IndexOf("$BAD"u8)) bytes.AsSpan(at, 4).Fill(0xFF);
            await read(new MemoryStream(bytes), cancellationToken);
            return isRestore ? new ToolEnd(StreamExit, "") : new ToolEnd(Exit, "");
        }

        public IToolFolder CreateFolder() => throw new ToolException(ToolFailure.NoFolder, "not needed");
    }
}
