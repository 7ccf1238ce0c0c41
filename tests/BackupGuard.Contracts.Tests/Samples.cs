using System.Text.Json;
using System.Text.Json.Serialization;

namespace BackupGuard.Contracts.Tests;

/// <summary>One full example of everything that is printed or sent: no member is left at its default.</summary>
internal static class Samples
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 22, 5, 24, 125, TimeSpan.Zero);

    private static readonly SnapshotDocument Snapshot = new("4f1c0a92", At.AddHours(-9), 1200, 734003200)
    {
        Host = "srv-pharmacie", Paths = ["/srv/pharmacie", "/etc"], Tags = ["nuit"],
    };

    private static readonly FindingDocument Finding =
        new("BG1102", "error", "data/ab/abcd", "data/ab/abcd is missing.", "Restore it from another copy.") { MessageFr = "data/ab/abcd manque.", RemedyFr = "Restaurez-le depuis une autre copie.", Paths = ["/srv/pharmacie/base.db"] };

    private static readonly DrivenByDocument DrivenBy = new("pgBackRest", "2.45");

    private static readonly HorizonDocument Horizon = new("4f1c0a92", At.AddHours(-9), At.AddDays(20), At.AddDays(19), 60, 734003200, 2, 4096, 1, At.AddDays(3), 12, 70000000, At.AddDays(3), "a part of it is missing") { UnresolvedFr = "une partie en manque" };

    private static readonly CopiesDocument Copies = new()
    {
        Dataset = "pharmacie-base", Application = "pharmacie", Verdict = "inconclusive", At = At, OriginalMedium = "disk", OriginalSite = "principal",
        Copies =
        [
            new CopyDocument("pharmacie-bande", "restic:/srv/backup", "tape", "secours")
            {
                Offline = true, Verdict = "proved", VerifiedAt = At.AddHours(-2), Immutability = "proved", ProbedAt = At.AddDays(-1), ProbeExpiresAt = At.AddDays(7), SeenOfflineAt = At.AddDays(-3), SeenOfflineBy = "exploitation",
            },
        ],
        Requirements = [new RequirementDocument("one-off-site", "met", [new RequirementEvidenceDocument("pharmacie-bande", "site secours", "site secours", At.AddHours(-2))])],
        Findings = [Finding],
    };

    public static readonly IReadOnlyDictionary<string, Sample> All = new Dictionary<string, Sample>
    {
        ["verify"] = new(DocumentJson.Default, new VerifyDocument
        {
            Repository = "restic:/srv/backup", RepositoryId = "c0ffee", Verdict = "failed", Unfinished = "the disk answered nothing any more", UnfinishedFr = "le disque ne répondait plus", DrivenBy = DrivenBy, StartedAt = At, DurationSeconds = 12.5,
            BytesRead = 734003200, ObjectsRead = 60, Coverage = 0.75, CoverageThisRun = 0.05, Memory = new MemoryDocument(31, 1000, 200, 50, At.AddDays(-40)), Snapshots = [Snapshot], Signals = [new SignalsDocument("5e71e500", "suspicious", "4f1c0a92", At.AddHours(-9), true, "3b0d9c11", At.AddDays(-2), true)], Findings = [Finding],
        }),
        ["copies"] = new(DocumentJson.Default, Copies),
        ["copies-report"] = new(DocumentJson.Default, new CopiesReportDocument { Verdict = "inconclusive", Datasets = [Copies] }),
        ["attested"] = new(DocumentJson.Default, new AttestedDocument
        {
            Source = "surebackup", Product = "veeam-surebackup", Application = "pharmacie", Tenant = "vbr-01", AttestedBy = "responsable des sauvegardes", AttestedAt = At, DocumentSha256 = new string('e', 64), DocumentBytes = 2048,
            Claim = "failed", ExpiresAt = At.AddDays(34), Tests = [new AttestedTestDocument("srv-pharmacie", "failed", "boot", At.AddHours(-3), At.AddHours(-2), At.AddHours(-20), "the ping test failed")], TestsLeftOut = 3, Findings = [Finding],
        }),
        ["inspect"] = new(DocumentJson.Default, new InspectDocument
        {
            Repository = "restic:/srv/backup", RepositoryId = "c0ffee", Format = "restic 2", Verdict = "inconclusive", Unfinished = "keys/ could not be listed", UnfinishedFr = "keys/ n’a pas pu être listé", DrivenBy = DrivenBy,
            Facts = [new FactDocument("keys", "2")], Snapshots = [Snapshot], Horizons = [Horizon], Findings = [Finding],
        }),
        ["restore"] = new(DocumentJson.Default, new RestoreDocument
        {
            Repository = "restic:/srv/backup", Verdict = "failed", Unfinished = "stopped", UnfinishedFr = "arrêté", DrivenBy = DrivenBy, Snapshot = "4f1c0a92", Target = "/srv/restored", Files = 1199, Bytes = 734000000, DurationSeconds = 8.25, Findings = [Finding],
        }),
        ["drill"] = new(DocumentJson.Default, new DrillDocument
        {
            Drill = "pharmacie-hebdo", DefinitionHash = new string('a', 64), Application = "pharmacie", Repository = "restic:/srv/backup", Verdict = "proved", Unfinished = "none", UnfinishedFr = "aucun", DrivenBy = DrivenBy, Snapshot = Snapshot, StartedAt = At,
            DurationSeconds = 90, MeasuredRtoSeconds = 88.5, ScaledRtoSeconds = 885, MeasuredRpoSeconds = 32400, RpoMethod = "data", RestoreSeconds = 60, Files = 1200, Bytes = 734003200,
            Steps = [new DrillStepDocument("probe", "file-count", 0.5, "proved", "1200 files") { DetailFr = "1200 fichiers", Measures = [new MeasureDocument("files", 1200)], Artefacts = [new ArtefactDocument("ecran.png", "image/png", new string('c', 64), 2048)] }],
            Control = new NegativeControlDocument(true, [new ControlStepDocument("file-count", "1200 entries deleted", "failed", "0 files") { DamageFr = "1200 éléments supprimés", DetailFr = "0 fichier" }]), Findings = [Finding], CleanedUp = true, StartedBy = "schedule",
        }),
        ["queue"] = new(DocumentJson.Default, new QueueDocument { At = At, Jobs = [new QueuedJobDocument("drill:pharmacie-hebdo", "pharmacie", "overdue", At.AddDays(-2), At.AddDays(-9))], LeftOut = 3 }),
        ["probe"] = new(DocumentJson.Default, new ProbeDocument
        {
            Repository = "restic:s3:https://s3.hopital.example/dpi", Verdict = "inconclusive", Immutability = "proved-governance", Unfinished = "the control is not due", UnfinishedFr = "le contrôle n’est pas encore dû", Identity = "SAMPLEWRITER", Verifier = "SAMPLEREADER",
            ApprovedBy = ["Anne Martin", "Luc Petit"], CanaryMode = "governance", Scope = new ProbeScopeDocument(1200, 20, 1, 2, ["governance"], 3),
            Attacks = [new AttackDocument("delete version", "refused", 403, "AccessDenied", "tx-1", At, "yes", "sha256 01234567, Governance")],
            Control = new ControlDocument("passed", ".backupguard/canary/0a/short", At.AddMinutes(15), 204, "-", "tx-2"), Settings = [new SettingDocument("versioning", "said", new string('b', 64))],
            Drifts = [new DriftDocument("lifecycle", "(not set)", "<LifecycleConfiguration/>")], ServerAheadSeconds = 0.5, StartedAt = At, DurationSeconds = 31.5, ExpiresAt = At.AddDays(8), CanariesStanding = 2,
            Horizons = [Horizon], Findings = [Finding],
        }),
        ["enrol-request"] = new(WireJson.Default, new EnrolRequest("one-time", "pharmacie", "MFkw", "1.0.0")),
        ["enrol-response"] = new(WireJson.Default, new EnrolResponse("pharmacie", "CHU d’Exemple")),
        ["evidence-batch"] = new(WireJson.Default, new EvidenceBatch([new SignedEntry(7, "e30=", "MEUC")])),
        ["evidence-receipt"] = new(WireJson.Default, new EvidenceReceipt(
            [new EntryReceipt(7, "accepted", 41, null, null), new EntryReceipt(8, "duplicate", 12, null, null), new EntryReceipt(9, "refused", null, "BG2004", "The signature of entry 9 does not match.")])),
        ["problem"] = new(WireJson.Default, new Problem("about:blank", "Agent revoked", 403, "The key was revoked.", "BG2116")),
    };
}

internal sealed record Sample(JsonSerializerContext Context, object Value)
{
    public Type Type => Value.GetType();

    /// <summary>What goes out, byte for byte.</summary>
    public string Sent() => JsonSerializer.Serialize(Value, Type, Context);

    public object? Read(string json) => JsonSerializer.Deserialize(json, Type, Context);
}
