using BackupGuard.Contracts;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Features.Copies;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>Copies in every state, as two agents tell them.</summary>
internal static class CopiesSample
{
    private const string Nas = "restic:/srv/depot/dpi", Bucket = "restic:s3:https://objets.valmont.example/dpi/copie", Tape = "files:/mnt/bande/dpi";

    private static Logged<T> Logged<T>(T document, string agent, long sequence, double daysAgo) => new(document, agent, "dpi", sequence, Valmont.Now.AddDays(-daysAgo), Valmont.Now.AddDays(-daysAgo));

    private static ProofFact Verified(string agent, string repository, long sequence, Outcome outcome, double daysAgo) =>
        new(sequence, "dpi", ProofKind.Verification, outcome, Valmont.Now.AddDays(-daysAgo)) { Name = repository, Agent = agent, RecordedAt = Valmont.Now.AddDays(-daysAgo) };

    private static CopiesDocument Dataset(string name, params CopyDocument[] copies) => new()
    {
        Dataset = name, Application = "dpi", Verdict = "inconclusive", At = Valmont.Now.AddDays(-1), OriginalMedium = "disk", OriginalSite = "principal", Copies = copies,
    };

    private static ProbeDocument Probe(string repository, string immutability, double daysAgo) => new()
    {
        Repository = repository, Verdict = immutability == "proved" ? "proved" : "failed", Immutability = immutability, StartedAt = Valmont.Now.AddDays(-daysAgo), DurationSeconds = 60, ExpiresAt = Valmont.Now.AddDays(8 - daysAgo),
        Horizons = [new HorizonDocument("4f1c0a92aabbccdd", Valmont.Now.AddDays(-1), Valmont.Now.AddDays(29), Valmont.Now.AddDays(29), 1200, 734003200, 0, 0, 0, null, 0, 0, null, null)],
    };

    private static AttestedDocument Attested(string source, string product, string claim, double daysLeft, params FindingDocument[] findings) => new()
    {
        Source = source, Product = product, Application = "dpi", Tenant = "vbr-01", AttestedBy = "responsable des sauvegardes", AttestedAt = Valmont.Now.AddDays(-4), DocumentSha256 = new string('e', 64), DocumentBytes = 2048, Claim = claim,
        ExpiresAt = claim == "passed" ? Valmont.Now.AddDays(daysLeft) : null, Tests = [new AttestedTestDocument("srv-dpi", "passed", "application", null, Valmont.Now.AddDays(-5), null, "script test 0")], Findings = findings,
    };

    public static CopiesView Full => CopiesView.From("dpi", "Dossier patient informatisé", new CopiesKnown(true,
    [
        Logged(Dataset("dpi-base", new CopyDocument("nas", Nas, "disk", "principal"), new CopyDocument("bande", Tape, "tape", "coffre") { Offline = true, SeenOfflineAt = Valmont.Now.AddDays(-12), SeenOfflineBy = "exploitation" }), "agent-sauv-1", 41850, 0.5),
        Logged(Dataset("dpi-base", new CopyDocument("objets", Bucket, "object", "secours")), "agent-secours", 41851, 0.4),
        Logged(Dataset("dpi-images", new CopyDocument("nas-images", "restic:/srv/depot/images", "disk", "principal"), new CopyDocument("usb", "files:/mnt/usb", "removable", "principal") { Offline = true }), "agent-sauv-1", 41852, 0.5),
    ],
    [Logged(Probe(Bucket, "proved", 2), "agent-secours", 41840, 2), Logged(Probe("restic:/srv/depot/images", "exposed", 3), "agent-sauv-1", 41841, 3)],
    [
        Logged(new VerifyDocument
        {
            Repository = Nas, Verdict = "proved", StartedAt = Valmont.Now.AddDays(-1), DurationSeconds = 5,
            Signals = [new SignalsDocument("5e71e500", "suspicious", "9d02f7b1aabb", Valmont.Now.AddDays(-1), true, "4f1c0a92aabb", Valmont.Now.AddDays(-2), true), new SignalsDocument("5e71e501", "no-sign-seen", "77aa01b2ccdd", Valmont.Now.AddDays(-1), false, null, null, false)],
        }, "agent-sauv-1", 41830, 1),
    ],
    [
        Logged(Attested("surebackup", "veeam-surebackup", "passed", 20), "agent-sauv-1", 41860, 4),
        Logged(Attested("aws", "aws-backup", "nothing", 0, new FindingDocument("BG4352", "warning", "i-1", "i-1 is reported as a success, but no validation was set.", "Have it validated.") { MessageFr = "i-1 est présenté comme réussi, mais aucune validation n’a été renseignée.", RemedyFr = "Faites valider." }), "agent-secours", 41861, 4),
        Logged(Attested("rubrik", "rubrik", "failed", 0), "agent-secours", 41862, 4),
    ]),
    [Verified("agent-sauv-1", Nas, 41820, Outcome.Proved, 1), Verified("agent-sauv-1", Tape, 41821, Outcome.Proved, 12), Verified("agent-secours", Bucket, 41822, Outcome.Proved, 1), Verified("agent-sauv-1", "restic:/srv/depot/images", 41823, Outcome.Failed, 40)],
    Valmont.Now);

    public static CopiesView Never => CopiesView.From("anesthesie", "Anesthésie", new CopiesKnown(true, [], [], [], []), [], Valmont.Now);
    public static CopiesView Unsound => CopiesView.From("dpi", "Dossier patient informatisé", CopiesKnown.Unsound, [], Valmont.Now);
}
