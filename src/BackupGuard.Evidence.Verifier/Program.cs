using System.CommandLine;
using System.Globalization;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.Tiles;
using BackupGuard.Evidence.Verifier;

const int WrongUsage = 2;

var path = new Argument<string>("path") { Description = "An evidence pack (zip, or the folder it was unpacked into), or a log as static files (a folder with tile/)." };
var policy = new Option<string?>("--policy") { Description = "File that names the log's key and the witnesses (C2SP tlog-policy)." };
var key = new Option<string?>("--key") { Description = "The log's key alone, as name+id+base64: no witness is asked for." };
var note = new Option<string[]>("--note") { Description = "A checkpoint that you kept: a signed note, or a mail with one, as text or as received. May be given again." };
var format = new Option<string>("--format") { Description = "text, or json on standard output.", DefaultValueFactory = _ => "text" };
var language = new Option<string?>("--language") { Description = "fr or en. Without it: French where the machine speaks French." };
format.AcceptOnlyFromAmong("text", "json");
language.AcceptOnlyFromAmong("fr", "en");
var verify = new Command("verify", "Checks evidence with nothing but the evidence and the keys you bring. Exit 0 sound, 1 broken, 2 incomplete or wrong usage, 3 policy not met.")
{
    path, policy, key, note, format, language,
};
verify.SetAction(parsed =>
{
    var french = (parsed.GetValue(language) ?? CultureInfo.CurrentUICulture.TwoLetterISOLanguageName) == "fr";
    try
    {
        var report = Verify(parsed.GetRequiredValue(path), Trust(parsed.GetValue(policy), parsed.GetValue(key)), [.. (parsed.GetValue(note) ?? []).Select(n => new ReadOnlyMemory<byte>(ReadAtMost(n, KeptCheckpoint.MaxBytes)))]);
        if (parsed.GetValue(format) == "json")
        {
            using var output = Console.OpenStandardOutput();
            ReportWriter.Json(report, output);
        }
        else
        {
            ReportWriter.Text(report, french, Console.Out);
        }
        return (int)report.Verdict;
    }
    catch (EvidenceException e)
    {
        // What an auditor brings along, not what is checked: those problems stand in the report.
        return Refuse($"{e.Problem.Code} {e.Problem.Message(french ? "fr" : "en")} {e.Problem.Remedy(french ? "fr" : "en")}");
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
    {
        return Refuse(e.Message);
    }
});
var parsed = new RootCommand("BackupGuard: checks evidence of restorable backups, offline.") { verify }.Parse(args);
return parsed.Errors.Count > 0 ? Refuse(parsed.Errors[0].Message) : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

static int Refuse(string sentence)
{
    Console.Error.WriteLine($"backupguard-evidence: {sentence}");
    return WrongUsage;
}

static TrustPolicy Trust(string? policy, string? key) => (policy, key) switch
{
    ({ } file, null) => TrustPolicy.Parse(ReadAtMost(file, TrustPolicy.MaxBytes)),
    (null, { } text) => TrustPolicy.Of(NoteKey.Parse(text.Trim())),
    _ => throw new ArgumentException("Name what you trust, with --policy FILE or --key KEY, one of them: evidence that brings its own key along proves nothing."),
};

static VerificationReport Verify(string path, TrustPolicy policy, IReadOnlyList<ReadOnlyMemory<byte>> kept)
{
    if (!Directory.Exists(path)) return PackVerifier.Verify(() => PackArchive.Open(ReadAtMost(path, PackLimits.ArchiveBytes)), policy, kept);
    try
    {
        var files = FolderFiles.Open(path);
        return TileVerifier.IsLog(files) ? TileVerifier.Verify(files, policy, TimeProvider.System.GetUtcNow(), kept) : PackVerifier.Verify(() => files, policy, kept);
    }
    catch (EvidenceException e)
    {
        return PackVerifier.Verify(() => throw e, policy, kept);
    }
}

// One byte more than allowed is enough for whoever checks the limit.
static byte[] ReadAtMost(string file, int bytes)
{
    using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
    var content = new byte[(int)Math.Min(stream.Length, bytes + 1L)];
    stream.ReadExactly(content);
    return content;
}
