namespace BackupGuard.Copies;

/// <summary>3-2-1-1-0 of one dataset: three copies (the original counts), two media, one off-site, one offline or immutable, zero errors. Pure.</summary>
/// <remarks>
/// A copy counts when it was proved and the proof has not run out. A requirement that copies of unknown state could meet is Unknown, never Met.
/// Bad news does not age: only a later look supersedes it, so that waiting never makes a line better.
/// </remarks>
public static class CopiesRule
{
    public static readonly TimeSpan ProofValidFor = TimeSpan.FromDays(35);

    /// <summary>The interval of a weekly probe and a day.</summary>
    public static readonly TimeSpan ProbeValidFor = TimeSpan.FromDays(8);

    /// <summary>However long an interval somebody sets.</summary>
    public static readonly TimeSpan ProbeValidAtMost = TimeSpan.FromDays(93);
    public static readonly TimeSpan OfflineValidFor = TimeSpan.FromDays(100);

    /// <summary>Clocks may differ by this much; a time further ahead proves nothing.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <param name="originals">Where the data live, as each who knows says; two who differ make what depends on it unknown.</param>
    public static IReadOnlyList<CopiesLine> Judge(IReadOnlyList<CopyFacts> copies, IReadOnlyList<Original> originals, DateTimeOffset now)
    {
        var places = copies.GroupBy(c => c.Place, StringComparer.Ordinal).Select(Merge).ToList();
        var judged = originals.DefaultIfEmpty(new Original(null, null)).Distinct().Select(o => JudgeOne(places, o, now)).ToList();
        return [.. judged[0].Select((line, i) => judged.TrueForAll(j => j[i].State == line.State) ? line : line with { State = RequirementState.Unknown })];
    }

    private static List<CopiesLine> JudgeOne(List<CopyFacts> copies, Original original, DateTimeOffset now)
    {
        var proved = copies.Where(c => IsProved(c, now)).ToList();
        var possible = copies.Where(c => c.Verified != CopyVerdict.Failed).ToList();
        return
        [
            Line(CopiesRequirement.ThreeCopies, proved.Count + 1 >= 3, possible.Count + 1 >= 3, copies.Select(c => VerifiedAs(c, now))),
            Line(CopiesRequirement.TwoMedia, Media(proved) >= 2, Media(possible) + Unsaid(possible) >= 2, copies.Select(c => MediumOf(c, now))),
            Line(CopiesRequirement.OneOffSite, proved.Exists(IsElsewhere), possible.Exists(MayBeElsewhere), copies.Select(SiteOf)),
            Line(CopiesRequirement.OneOfflineOrImmutable, proved.Exists(c => IsHeld(c, now)), possible.Exists(c => MayBeHeld(c, now)), copies.SelectMany(c => HeldAs(c, now))),
            Line(CopiesRequirement.ZeroErrors, copies.Count > 0 && proved.Count == copies.Count, copies.Count > 0 && possible.Count == copies.Count, copies.Select(c => VerifiedAs(c, now))),
        ];

        // A medium that nobody named may be any.
        int Media(IEnumerable<CopyFacts> of) => of.Select(c => c.Medium).Append(original.Medium).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Count();
        int Unsaid(List<CopyFacts> of) => of.Count == 0 ? 0 : of.Select(c => c.Medium).Append(original.Medium).Count(m => m is null);
        bool IsElsewhere(CopyFacts c) => c.Site is not null && original.Site is not null && !string.Equals(c.Site, original.Site, StringComparison.OrdinalIgnoreCase);
        bool MayBeElsewhere(CopyFacts c) => c.Site is null || original.Site is null || IsElsewhere(c);
        CopyEvidence SiteOf(CopyFacts c) => Of(c, c.Site is not { } site ? ("site not said", "site non renseigné") : IsElsewhere(c) ? ($"site {site}", $"site {site}") : original.Site is null
            ? ($"site {site}; where the original is was not said", $"site {site} ; l’emplacement de l’original n’est pas renseigné") : ($"site {site}, like the original", $"site {site}, comme l’original"), now);
    }

    /// <summary>Two views of one place: the newer word counts, the worse one of the same instant, and what they contradict each other in is unknown.</summary>
    private static CopyFacts Merge(IEnumerable<CopyFacts> views)
    {
        var all = views.ToList();
        var verified = all.OrderBy(v => v.VerifiedAt ?? DateTimeOffset.MinValue).ThenBy(v => v.Verified switch { CopyVerdict.Failed => 2, CopyVerdict.Inconclusive => 1, _ => 0 }).Last();
        var probed = all.OrderBy(v => v.ProbedAt ?? DateTimeOffset.MinValue).ThenBy(v => v.Immutability == LockVerdict.Proved ? 0 : 1).Last();
        var offline = all.MaxBy(v => v.SeenOfflineAt ?? DateTimeOffset.MinValue) ?? all[0];
        return verified with
        {
            Name = string.Join(", ", all.Select(v => v.Name).Distinct(StringComparer.Ordinal)),
            Medium = Agreed(all.Select(v => v.Medium)), Site = Agreed(all.Select(v => v.Site)),
            Immutability = probed.Immutability, ProbedAt = probed.ProbedAt, ProbeExpiresAt = probed.ProbeExpiresAt, ProbedEntry = probed.ProbedEntry,
            SeenOfflineAt = offline.SeenOfflineAt, SeenOfflineEntry = offline.SeenOfflineEntry,
        };
    }

    private static string? Agreed(IEnumerable<string?> said) => said.Distinct(StringComparer.OrdinalIgnoreCase).ToList() is [var one] ? one : null;

    private static CopiesLine Line(CopiesRequirement requirement, bool met, bool possible, IEnumerable<CopyEvidence> evidence) =>
        new(requirement, met ? RequirementState.Met : possible ? RequirementState.Unknown : RequirementState.Missing, [.. evidence]);

    private static bool IsProved(CopyFacts c, DateTimeOffset now) => c.Verified == CopyVerdict.Proved && IsFresh(c.VerifiedAt, ProofValidFor, now);

    private static bool IsHeld(CopyFacts c, DateTimeOffset now) => c.Immutability == LockVerdict.Proved && ProbeCounts(c, now) || IsFresh(c.SeenOfflineAt, OfflineValidFor, now);

    // A probe that ended badly stands until a later one. A copy that could be seen offline once more may still be held.
    private static bool MayBeHeld(CopyFacts c, DateTimeOffset now) =>
        IsHeld(c, now) || c.SeenOfflineAt is not null || c.Immutability is not (LockVerdict.Exposed or LockVerdict.Hidden or LockVerdict.IamOnly or LockVerdict.ProvedGovernance);

    /// <summary>Whether what a probe said has not run out.</summary>
    public static bool ProbeCounts(CopyFacts c, DateTimeOffset now) => IsFresh(c.ProbedAt, ProbeValidAtMost, now) && (c.ProbeExpiresAt ?? c.ProbedAt + ProbeValidFor) >= now;

    private static bool IsFresh(DateTimeOffset? at, TimeSpan validFor, DateTimeOffset now) => at is { } when && when <= now + ClockTolerance && now - when <= validFor;

    private static CopyEvidence VerifiedAs(CopyFacts c, DateTimeOffset now) => Of(c, c switch
    {
        { Verified: null } or { VerifiedAt: null } => ("never verified", "jamais vérifiée"),
        { Verified: CopyVerdict.Failed } => ("failed", "en échec"),
        _ when c.VerifiedAt > now + ClockTolerance => ("verified in the future: not believed", "vérifiée dans le futur : non retenu"),
        { Verified: CopyVerdict.Inconclusive } => ("inconclusive", "non concluante"),
        _ when !IsFresh(c.VerifiedAt, ProofValidFor, now) => ("proved, but too long ago", "prouvée, mais il y a trop longtemps"),
        _ => ("proved", "prouvée"),
    }, now);

    private static CopyEvidence MediumOf(CopyFacts c, DateTimeOffset now) => Of(c, c.Medium switch
    {
        null => ("medium not said", "support non renseigné"),
        "disk" => ("on disk", "sur disque"),
        "object" => ("in an object store", "dans un stockage objet"),
        "tape" => ("on tape", "sur bande"),
        "removable" => ("on a removable disk", "sur disque amovible"),
        "optical" => ("on an optical disc", "sur disque optique"),
        var other => ($"on {other}", $"sur {other}"),
    }, now);

    /// <summary>A property of a copy counts only where the copy itself does: what is said of it says so.</summary>
    private static CopyEvidence Of(CopyFacts c, (string En, string Fr) what, DateTimeOffset now) =>
        new(c.Name, IsProved(c, now) || IsAboutProof(what.En) ? what.En : $"{what.En} (the copy itself is not proved)", IsProved(c, now) || IsAboutProof(what.En) ? what.Fr : $"{what.Fr} (la copie elle-même n’est pas prouvée)",
            c.VerifiedAt, c.VerifiedEntry);

    private static bool IsAboutProof(string said) => said is "never verified" or "failed" or "inconclusive" or "proved, but too long ago" or "verified in the future: not believed";

    private static IEnumerable<CopyEvidence> HeldAs(CopyFacts c, DateTimeOffset now)
    {
        if (c.SeenOfflineAt is { } seen)
        {
            yield return IsFresh(seen, OfflineValidFor, now) ? new(c.Name, "seen disconnected (declared by a person)", "vue déconnectée (déclaré par une personne)", seen, c.SeenOfflineEntry)
                : new(c.Name, "last seen disconnected too long ago", "vue déconnectée pour la dernière fois il y a trop longtemps", seen, c.SeenOfflineEntry);
        }
        if (c.Immutability is { } verdict)
        {
            var (en, fr) = LockWords(verdict);
            yield return verdict != LockVerdict.Proved || ProbeCounts(c, now) ? new(c.Name, en, fr, c.ProbedAt, c.ProbedEntry)
                : new(c.Name, en + ", but that has run out", fr + ", mais ce constat a expiré", c.ProbedAt, c.ProbedEntry);
        }
        if (c is { SeenOfflineAt: null, Immutability: null }) yield return new(c.Name, "never tried", "jamais essayée", null, null);
    }

    /// <summary>What a probe's verdict means, for people.</summary>
    public static (string En, string Fr) LockWords(LockVerdict verdict) => verdict switch
    {
        LockVerdict.Proved => ("immutable: attacks on a canary were refused", "immuable : les attaques sur un témoin ont été refusées"),
        LockVerdict.ProvedGovernance => ("a named permission can bypass the lock", "une autorisation nommée permet de contourner le verrou"),
        LockVerdict.IamOnly => ("only the rights of the tested identity protect it", "seuls les droits de l’identité essayée la protègent"),
        LockVerdict.ConfigOnly => ("settings were read, nothing was tried", "réglages lus, rien n’a été essayé"),
        LockVerdict.Inconclusive => ("the probe could not conclude", "l’essai n’a pas pu conclure"),
        LockVerdict.Hidden => ("backup objects are hidden under delete markers or newer versions", "des objets de sauvegarde sont masqués par des marqueurs de suppression ou des versions plus récentes"),
        LockVerdict.Exposed => ("exposed: it can be destroyed before its time", "exposée : elle peut être détruite avant son terme"),
    };
}
