using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Programs;

/// <summary>Chromium, in the room, without its own sandbox: the room is one, and it has no network to reach.</summary>
internal static class Browser
{
    private const string Picture = "page.png";
    private const int MostPictureBytes = 8 << 20;

    // Foreign text: time must grow with its length and no faster.
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant;
    private static readonly Regex Title = new("<title[^>]*>(?<title>[^<]*)</title>", Linear);
    private static readonly Regex Unseen = new("<script.*?</script>|<style.*?</style>|<template.*?</template>|<!--.*?-->|<[^>]*>", Linear);

    public static async Task<ProbeAnswer> ShowAsync(PageProbe probe, IDrillRoom room, CancellationToken cancellationToken)
    {
        room.Write(Picture, []);    // nothing of an earlier page
        var end = await room.RunAsync(new RoomCommand([
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--hide-scrollbars",
            "--user-data-dir=" + room.Scratch + "/chromium", "--window-size=1280,1024", "--virtual-time-budget=10000", $"--screenshot={room.Scratch}/{Picture}", "--dump-dom",
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{probe.Port}{probe.Path}"),
        ]) { Timeout = probe.Timeout, MostOutputBytes = 8 << 20, WorkingFolder = room.Scratch }, cancellationToken);
        var path = RestoredPath.TryParse(Picture, out var parsed, out _) ? parsed : throw new InvalidOperationException("The picture's name is no path.");
        return Judge(probe, end, room.Read(path, MostPictureBytes) ?? []);
    }

    internal static ProbeAnswer Judge(PageProbe probe, RoomEnd end, byte[] picture)
    {
        if (!end.Succeeded || end.Output.Length == 0)
            return new(Verdict.Inconclusive, new(end.TimedOut ? "the browser did not end in time" : $"the browser showed nothing (exit code {end.ExitCode})", end.TimedOut ? "le navigateur n’a pas fini à temps" : $"le navigateur n’a rien montré (code de sortie {end.ExitCode})"));
        var (width, height) = SizeOf(picture);
        if (width == 0 || height == 0)
            return new(Verdict.Inconclusive, new("the browser made no picture", "le navigateur n’a pas fait d’image"));
        var kept = new Artefact("page.png", "image/png", picture);
        var document = end.OutputText;
        var title = WebUtility.HtmlDecode(Title.Match(document).Groups["title"].Value).Trim();
        // What a script holds is not what a person sees.
        var text = WebUtility.HtmlDecode(Unseen.Replace(document, " "));
        var wrong = probe.Title is { } expected && !title.Contains(expected, StringComparison.Ordinal) ? new Said("its title is another one", "son titre est autre")
            : probe.Contains is { } part && !text.Contains(part, StringComparison.Ordinal) ? new Said("the expected text is not on it", "le texte attendu n’y est pas")
            : (Said?)null;
        return wrong is { } why
            ? new(Verdict.Failed, why) { Artefacts = [kept] }
            : new(Verdict.Proved, new($"shown as expected, picture of {width} × {height} kept", $"affichée comme attendu, image de {width} × {height} conservée")) { Artefacts = [kept] };
    }

    /// <summary>PNG: signature, then IHDR with width and height.</summary>
    private static (uint Width, uint Height) SizeOf(ReadOnlySpan<byte> picture) =>
        picture.Length > 24 && picture.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]) && picture[12..16].SequenceEqual("IHDR"u8)
            ? (BinaryPrimitives.ReadUInt32BigEndian(picture[16..]), BinaryPrimitives.ReadUInt32BigEndian(picture[20..]))
            : (0, 0);
}
