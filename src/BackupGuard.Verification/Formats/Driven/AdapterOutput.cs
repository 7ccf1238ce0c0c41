using System.Globalization;
using System.Text;
using System.Text.Json;

namespace BackupGuard.Verification.Formats.Driven;

/// <summary>An adapter's line that the contract does not allow.</summary>
/// <param name="line">From 1; 0 for the output as a whole.</param>
internal sealed class AdapterException(long line, string message) : Exception(message)
{
    public long Line => line;
}

internal enum AdapterOutcome { Good, Bad, Unknown }

internal sealed record AdapterFinding(Severity Severity, string Subject, string Message, string Code);

/// <param name="Snapshot">The newest snapshot, by which a result is known to be about what was listed.</param>
/// <param name="BytesStored">All that could have been read.</param>
internal sealed record AdapterResult(AdapterOutcome Outcome, string Snapshot, long ObjectsRead, long BytesRead, long BytesStored, string Reason);

/// <summary>What an adapter wrote, read by CONTRACT.md: one JSON object a line, first hello, last result, and nothing forgiven.</summary>
internal sealed class AdapterOutput(string verb, string run, Action<long, long, long, long> progressed)
{
    public const string Contract = "backupguard.adapter/v1";
    public const int LongestLine = 64 << 10, MostSnapshots = 100_000, MostFindings = 10_000, LongestWords = 1000;
    private const long MostLines = 50_000_000;

    private readonly HashSet<string> ids = new(StringComparer.Ordinal);
    private long line;

    public DrivenBy? Tool { get; private set; }
    public List<SnapshotSummary> Snapshots { get; } = [];
    public List<AdapterFinding> Findings { get; } = [];
    public AdapterResult? Result { get; private set; }

    /// <summary>Of the object lines: their number, and their bytes.</summary>
    public long Objects { get; private set; }
    public long ObjectBytes { get; private set; }

    /// <exception cref="AdapterException">At the first line that is not as it must be, or at an end without a result.</exception>
    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var pending = new byte[LongestLine + 1];
        var (held, read) = (0, 0);
        while ((read = await stream.ReadAsync(pending.AsMemory(held), cancellationToken)) > 0)
        {
            held += read;
            var begin = 0;
            for (int end; (end = pending.AsSpan(begin, held - begin).IndexOf((byte)'\n')) >= 0; begin += end + 1) Take(pending.AsSpan(begin, end));
            if (begin == 0 && held == pending.Length) throw new AdapterException(line + 1, $"it is longer than {LongestLine} bytes");
            pending.AsSpan(begin, held - begin).CopyTo(pending);
            held -= begin;
        }
        if (held > 0) throw new AdapterException(line + 1, "it does not end: the output was cut");
        if (line == 0) throw new AdapterException(0, "it wrote nothing");
        if (Result is null) throw new AdapterException(0, "it ended without a result");
    }

    private void Take(ReadOnlySpan<byte> text)
    {
        if (++line > MostLines) throw new AdapterException(line, $"more than {MostLines} lines are not read");
        if (Result is not null) throw Wrong("something follows the result");
        try
        {
            var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 3 });
            var fields = Fields(ref json);
            var type = fields.Text("type", 20);
            if ((type == "hello") != (Tool is null)) throw Wrong(type == "hello" ? "hello comes twice" : "hello must come first");
            switch (type)
            {
                case "hello": Hello(fields); break;
                case "snapshot": Snapshot(fields); break;
                case "progress": progressed(fields.Count("bytes"), fields.CountOr("totalBytes", 0), fields.Count("objects"), fields.CountOr("totalObjects", 0)); break;
                case "object": Object(fields); break;
                case "finding": Finding(fields); break;
                case "result": TakeResult(fields); break;
                default: throw Wrong($"the type \"{type}\" is not known");
            }
            if (fields.Unread is { } unknown) throw Wrong($"{type} has no field \"{unknown}\"");
        }
        catch (JsonException e)
        {
            throw Wrong($"it is not JSON as the contract has it ({e.Message.Split('.')[0]})");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or DecoderFallbackException or OverflowException)
        {
            throw Wrong("a value in it is of another kind than the contract has");
        }
    }

    private void Hello(FieldSet fields)
    {
        if (fields.Text("contract", 64) is var contract && contract != Contract) throw Wrong($"its contract is \"{contract}\", this agent knows {Contract}");
        if (fields.Text("verb", 20) is var answered && answered != verb) throw Wrong($"it answers {answered}, and was asked {verb}");
        if (fields.Text("run", 64) != run) throw Wrong("it answers another run than this one");
        Tool = new DrivenBy(Named(fields, "tool"), Named(fields, "version"));
    }

    private string Named(FieldSet fields, string name) => fields.Text(name, 100) is { Length: > 0 } text ? Printable.Of(text) : throw Wrong($"{name} is empty");

    private void Snapshot(FieldSet fields)
    {
        if (Snapshots.Count >= MostSnapshots) throw Wrong($"more than {MostSnapshots} snapshots are not read");
        var id = fields.Text("id", 128);
        // It becomes an argument, and a name in evidence.
        if (id.Length < 4 || id[0] == '-' || id == "latest" || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '+')) throw Wrong("a snapshot's id has 4 to 128 of A-Z a-z 0-9 - _ . : + and does not begin with a dash");
        if (!ids.Add(id)) throw Wrong($"the snapshot {id} is listed twice");
        var time = fields.Text("time", 40);
        if (!DateTimeOffset.TryParseExact(time, ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
            throw Wrong("its time is none in UTC such as 2026-11-22T02:00:00Z");
        Snapshots.Add(new SnapshotSummary(id, at, fields.Count("files"), fields.Count("bytes")) { Host = Printable.Of(fields.TextOr("host", 255, "")), Tags = [.. fields.TextOr("tag", 255, "") is { Length: > 0 } tag ? [Printable.Of(tag)] : (string[])[]] });
    }

    private void Object(FieldSet fields)
    {
        _ = fields.Text("name", 4096);
        (Objects, ObjectBytes) = (Objects + 1, checked(ObjectBytes + fields.Count("bytes")));
    }

    private void Finding(FieldSet fields)
    {
        if (Findings.Count >= MostFindings) throw Wrong($"more than {MostFindings} findings are not read");
        var severity = fields.Text("severity", 20) switch { "error" => Severity.Error, "warning" => Severity.Warning, "info" => Severity.Info, var other => throw Wrong($"the severity \"{other}\" is not known") };
        Findings.Add(new AdapterFinding(severity, fields.Text("subject", 4096), fields.Text("message", LongestWords), fields.TextOr("code", 64, "")));
    }

    private void TakeResult(FieldSet fields)
    {
        var outcome = fields.Text("outcome", 20) switch { "good" => AdapterOutcome.Good, "bad" => AdapterOutcome.Bad, "unknown" => AdapterOutcome.Unknown, var other => throw Wrong($"the outcome \"{other}\" is not known") };
        Result = new AdapterResult(outcome, fields.Text("snapshot", 128), fields.Count("objectsRead"), fields.Count("bytesRead"), fields.Count("bytesStored"), fields.TextOr("reason", LongestWords, ""));
        if (outcome == AdapterOutcome.Unknown && Result.Reason.Length == 0) throw Wrong("an unknown outcome needs a reason");
    }

    /// <summary>One flat object: texts and numbers, each name once.</summary>
    private FieldSet Fields(ref Utf8JsonReader json)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw Wrong("it is no JSON object");
        var fields = new FieldSet(Wrong);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString() ?? "";
            json.Read();
            var isAdded = json.TokenType switch
            {
                JsonTokenType.String => fields.Add(name, json.GetString() ?? ""),
                JsonTokenType.Number => fields.Add(name, json.TryGetInt64(out var number) && number >= 0 ? number : throw Wrong($"{Printable.Of(name)} is no whole number from 0")),
                _ => throw Wrong($"{Printable.Of(name)} is neither text nor number"),
            };
            if (!isAdded) throw Wrong($"{Printable.Of(name)} is there twice");
        }
        if (json.TokenType != JsonTokenType.EndObject || json.Read()) throw Wrong("it is not one JSON object");
        return fields;
    }

    private AdapterException Wrong(string message) => new(line, message);

    private sealed class FieldSet(Func<string, AdapterException> wrong)
    {
        private readonly Dictionary<string, object> values = new(StringComparer.Ordinal);
        private readonly HashSet<string> read = new(StringComparer.Ordinal);

        public string? Unread => values.Keys.Where(k => !read.Contains(k)).Select(Printable.Of).FirstOrDefault();

        public bool Add(string name, object value) => values.TryAdd(name, value);

        public string Text(string name, int longest) => Find(name) switch
        {
            string text => text.Length <= longest ? text : throw wrong($"{name} is longer than {longest} characters"),
            null => throw wrong($"{name} is missing"),
            _ => throw wrong($"{name} must be text"),
        };

        public string TextOr(string name, int longest, string otherwise) => values.ContainsKey(name) ? Text(name, longest) : otherwise;
        public long Count(string name) => Find(name) switch { long number => number, null => throw wrong($"{name} is missing"), _ => throw wrong($"{name} must be a number") };
        public long CountOr(string name, long otherwise) => values.ContainsKey(name) ? Count(name) : otherwise;

        private object? Find(string name)
        {
            read.Add(name);
            return values.GetValueOrDefault(name);
        }
    }
}
