using System.Text;
using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.Tiles;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>Somebody outside kept a checkpoint, and the past was rewritten since.</summary>
public sealed class Kept_checkpoint_tests
{
    private static readonly SampleLog Log = SampleLog.Filled();

    private static string Mail(ReadOnlyMemory<byte> note) => $"Gardez ce message.\n\n{KeptCheckpoint.Begin}\n{Encoding.UTF8.GetString(note.Span)}{KeptCheckpoint.End}\n\nAdieu.\n";

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Lines of at most 76 characters, as mail servers write them.</summary>
    private static string QuotedPrintable(string text)
    {
        var (lines, length) = (new StringBuilder(), 0);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            var part = b is (byte)'\n' ? "\r\n" : b is (byte)'=' or > 126 or < 32 ? $"={b:X2}" : $"{(char)b}";
            if (length + part.Length > 75)
            {
                lines.Append("=\r\n");
                length = 0;
            }
            lines.Append(part);
            length = b == '\n' ? 0 : length + part.Length;
        }
        return lines.ToString();
    }

    [Fact]
    public void A_note_is_found_in_a_mail_however_it_was_kept()
    {
        var (note, mail) = (Log.Checkpoints[1], Mail(Log.Checkpoints[1]));
        const string head = "From: a@b\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n";
        foreach (var (name, kept) in new (string, ReadOnlyMemory<byte>)[]
        {
            ("the note", note), ("text", Bytes(mail)), ("text with other line ends", Bytes(mail.Replace("\n", "\r\n", StringComparison.Ordinal))),
            ("as received, eight bits", Bytes($"{head}Content-Transfer-Encoding: 8bit\r\n\r\n{mail.Replace("\n", "\r\n", StringComparison.Ordinal)}")),
            ("as received, base64", Bytes($"{head}content-transfer-encoding: base64\r\n\r\n{Convert.ToBase64String(Bytes(mail).Span, Base64FormattingOptions.InsertLineBreaks)}\r\n")),
            ("as received, base64 with other line ends", Bytes($"{head}Content-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Bytes(mail.Replace("\n", "\r\n", StringComparison.Ordinal)).Span)}\r\n")),
            ("as received, quoted", Bytes($"{head}Content-Transfer-Encoding: quoted-printable\r\n\r\n{QuotedPrintable(mail)}")),
        })
            KeptCheckpoint.Read(kept.Span).Should().Equal(note.ToArray(), name);
    }

    [Fact]
    public void Whatever_else_lies_in_the_file_is_no_checkpoint_of_this_log()
    {
        foreach (var text in new[] { "", "rien", KeptCheckpoint.Begin + "\n" + KeptCheckpoint.End, $"{KeptCheckpoint.End}\n{KeptCheckpoint.Begin}\n", "Content-Transfer-Encoding: base64\n\n!", "Content-Transfer-Encoding: quoted-printable\n\n==\n=4" })
            Judge(Log, 0, Bytes(text)).Should().Be("BG2020", text);
        FluentActions.Invoking(() => KeptCheckpoint.Read(new byte[KeptCheckpoint.MaxBytes + 1])).Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2020");
    }

    /// <summary>Codes of a pack of the whole log with that earlier checkpoint in it.</summary>
    private static string Judge(SampleLog log, int earlier, ReadOnlyMemory<byte> kept)
    {
        var zip = SamplePack.Of(log, SamplePack.Everything, earlier).Zip();
        return string.Join(' ', PackVerifier.Verify(() => PackArchive.Open(zip), TrustPolicy.Of(log.LogKey), [kept]).Problems.Select(p => p.Code));
    }

    /// <summary>The same of the log as static files.</summary>
    private static string JudgeTiles(SampleLog log, ReadOnlyMemory<byte> kept) =>
        string.Join(' ', TileVerifier.Verify(new FilesInMemory(Static_log_tests.Files(log)), TrustPolicy.Of(log.LogKey), SamplePack.AsOf, [kept]).Problems.Select(p => p.Code));

    [Fact]
    public void A_kept_checkpoint_shows_a_past_that_was_rewritten_with_the_log_s_own_key()
    {
        var kept = Bytes(Mail(Log.Checkpoints[1]));
        Judge(Log, 1, kept).Should().Be("");
        JudgeTiles(Log, kept).Should().Be("");

        // The same server, the same number of entries, agents with other keys: sound in itself.
        var rewritten = SampleLog.Filled(Log.Server.Key);
        Judge(rewritten, 1, rewritten.Checkpoints[1]).Should().Be("");
        Judge(rewritten, 1, kept).Should().Be("BG2024");
        JudgeTiles(rewritten, kept).Should().Be("BG2024");
    }

    [Fact]
    public void A_log_that_is_shorter_than_what_was_kept_lost_its_end()
    {
        var kept = Bytes(Mail(Log.Checkpoints[^1]));
        var older = new SampleLog(Log.Server.Key);
        older.Register(older.Pharmacy);
        older.Seal();
        Judge(older, 0, kept).Should().Be("BG2025");
        JudgeTiles(older, kept).Should().Be("BG2025");
    }

    [Fact]
    public void A_pack_that_cannot_show_what_was_kept_says_so()
    {
        Judge(Log, 1, Log.Checkpoints[2]).Should().Be("BG2035", "it holds another earlier checkpoint");
        JudgeTiles(Log, Log.Checkpoints[2]).Should().Be("");
        var stranger = SampleLog.Filled();
        Judge(Log, 1, stranger.Checkpoints[1]).Should().Be("BG2022");
    }
}
