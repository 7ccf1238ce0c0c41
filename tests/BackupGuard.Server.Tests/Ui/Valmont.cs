using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Contracts;
using BackupGuard.Server.Features.Drills;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>An invented hospital in every state at once: CH de Valmont, Thursday 12 November 2026, 08:40.</summary>
internal static class Valmont
{
    public const string Root = "9f3c71aa04e258bdc61f7730b2d94e857a1fd03c5be2914408c6f21a7be03d95";
    public static readonly DateTimeOffset Now = new(2026, 11, 12, 8, 40, 0, TimeSpan.FromHours(1));
    public static readonly LogHead Head = new(41826, Root);

    public static readonly HospitalCatalogue Catalogue = new("CH de Valmont", "Europe/Paris",
    [
        App("dpi", "DPI", "Tous les services de soins", vital: true, hours: 8, lossMinutes: 60, dependsOn: ["annuaire", "bus", "gam"], limitHours: 24, owner: "L. Marchetti, équipe sauvegardes"),
        App("anesthesie", "Anesthésie-réanimation", "Bloc et réanimation", vital: true, hours: 4, lossMinutes: 15, dependsOn: ["annuaire"]),
        App("sil", "SIL", "Biologie", vital: true, hours: 8, lossMinutes: 240, dependsOn: ["bus"]),
        App("ris-pacs", "RIS-PACS", "Imagerie", vital: true, hours: 12, lossMinutes: 720, dependsOn: ["annuaire"]),
        App("chimio", "Chimiothérapie", "Oncologie", vital: false, hours: 24, lossMinutes: 1440),
        App("bus", "Bus d’échange", "Socle technique", vital: false, hours: 4, lossMinutes: 60),
        App("urgences", "Dossier des urgences", "Urgences", vital: true, hours: 4, lossMinutes: 60),
        App("pui", "PUI", "Pharmacie", vital: true, hours: 12, lossMinutes: 240),
        App("gam", "GAM", "Admissions", vital: false, hours: 6, lossMinutes: 60, dependsOn: ["annuaire"]),
        App("annuaire", "Annuaire technique", "Socle technique", vital: true, hours: 4, lossMinutes: 240),
        App("telephonie", "Téléphonie", "Socle technique", vital: false, hours: 4, lossMinutes: 1440) with { ProofValidFor = TimeSpan.FromDays(180) },
        App("paie", "Paie et temps de travail", "Administration", vital: false, hours: null, lossMinutes: null) with { ProofValidFor = TimeSpan.FromDays(180) },
    ]);

    public static readonly HospitalReadiness Readiness = new(Now,
    [
        State("dpi", ReadinessState.Failed, provedDaysAgo: 101, "PPIPPPXX", recoveryMinutes: 680, lossMinutes: 40, newestDaysAgo: 9,
            new Reason("RD02", "Dernier test : 11 h 20 pour un objectif de 8 h.", "Last test: 11 h 20 min against a target of 8 h.", 41790),
            new Reason("RD07", "Le bus d’échange, dont elle dépend, est périmé.", "The interface engine, which it depends on, has expired.", 30112)),
        State("anesthesie", ReadinessState.Unproven, null, "", null, null, 0, new Reason("RD01", "Aucun test de restauration depuis la mise en service.", "No restore test since it went live.", null)),
        State("sil", ReadinessState.Expired, 127, "PPPPPP", 330, 110, 127, new Reason("RD03", "La dernière preuve est périmée depuis 37 j.", "The last proof expired 37 d ago.", 29870)),
        State("ris-pacs", ReadinessState.Inconclusive, 44, "PPPIPI", null, null, 16, new Reason("RD04", "Base relue, mais aucune image ouverte par le contrôle.", "Database read back, but the check opened no image.", 41020)),
        State("chimio", ReadinessState.Unproven, null, "", null, null, 0, new Reason("RD01", "Sauvegardée, jamais restaurée.", "Backed up, never restored.", 41555)),
        State("bus", ReadinessState.Expired, 104, "PPPPP", 95, 0, 104, new Reason("RD03", "La dernière preuve est périmée depuis 14 j.", "The last proof expired 14 d ago.", 30112)),
        State("urgences", ReadinessState.Proved, 12, "PPPPIPPP", 170, 20, 12),
        State("pui", ReadinessState.Proved, 9, "PPPPPPPP", 165, 120, 9),
        State("gam", ReadinessState.Proved, 6, "PPXPPPPP", 190, 15, 6),
        State("annuaire", ReadinessState.Proved, 5, "PIPPPPP", 125, 60, 5),
        State("telephonie", ReadinessState.Proved, 41, "PPPPP", 110, 480, 41),
        State("paie", ReadinessState.Proved, 20, "PPIPPP", 540, 360, 20),
    ]);

    /// <summary>Fifteen applications with names and reasons as long as real ones: what one printed side must hold.</summary>
    public static (HospitalReadiness Readiness, HospitalCatalogue Catalogue) Fifteen()
    {
        var applications = Enumerable.Range(0, 15).Select(i => App($"app-{i}", $"Dossier de spécialité et d’imagerie n° {i}", "Plateau médico-technique", vital: true, hours: 8, lossMinutes: 60)).ToArray();
        var reason = new Reason("BG3102",
            "La dernière restauration d’essai « restauration-dossier-de-specialite » a échoué. Le paquet data/ab/abcdef0123456789 est altéré : 14 fichiers ne se restaurent plus. Seul un nouvel essai réussi lèvera cet échec.",
            "The last test restore “restauration-dossier-de-specialite” failed. The pack data/ab/abcdef0123456789 is damaged: 14 files can no longer be restored. Only a new test that passes will lift this failure.", 41790);
        return (new HospitalReadiness(Now, [.. applications.Select(a => new ApplicationReadiness(a.Id, ReadinessState.Failed, [reason, reason], Now.AddDays(-50), Now.AddDays(40)))]), new HospitalCatalogue("Centre hospitalier intercommunal de Valmont et du Haut-Pays", "Europe/Paris", applications));
    }

    public static PageFrame Frame(Reader reader) => new(reader, Catalogue.Establishment, Now) { Log = Head, Person = "Claire Bellanger, RPCA", StyleHref = "site.css" };

    public static IReadOnlyList<ProofFact> Facts =>
    [
        .. Readiness.Applications.SelectMany(a => a.History),
        new(41801, "dpi", ProofKind.Verification, Outcome.Proved, Now.AddHours(-3)) { Name = "restic:/srv/depot/dpi", Agent = "agent-sauv-1", Coverage = 1 },
        new(41802, "sil", ProofKind.Verification, Outcome.Inconclusive, Now.AddHours(-2)) { Name = "restic:/srv/depot/sil", Agent = "agent-sauv-1", Coverage = 0.9996, ReasonFr = "Le dépôt n’a pas pu être lu en entier : lecture coupée.", ReasonEn = "The repository could not be read completely: reading was cut." },
        new(41803, "inconnue-du-catalogue", ProofKind.Verification, Outcome.Failed, Now.AddHours(-1)) { Name = "files:/srv/export", Agent = "agent-sauv-2", Coverage = 0.4, ReasonFr = "Un bloc est altéré.", ReasonEn = "A block is damaged." },
    ];

    /// <summary>One agent in order, one that fell silent, one whose clock is ahead.</summary>
    public static CalendarView Calendar => CalendarView.From(new(true,
    [
        new("sauv-1", Now.AddHours(-1), Now.AddHours(-1), [Job("drill:restauration-dpi", "dpi", 50, -118), Job("verify:depot-dpi", "dpi", -2, -26), Job("probe:coffre", "dpi", null, null)], 0),
        new("sauv-2", Now.AddDays(-9), Now.AddDays(-9), [Job("drill:pharmacie-hebdo", "pui", -48, -216), Job("drill:ancien", "inconnue", -25, null)], 0),
        new("sauv-3", Now.AddYears(10), Now.AddHours(-3), [Job("drill:labo", "sil", 90_000, null)], 2),
    ]), Now);

    private static QueuedJobDocument Job(string job, string application, int? nextInHours, int? lastInHours) => new(job, application, "planned", Now.AddHours(1) + Hours(nextInHours), Now + Hours(lastInHours));

    private static TimeSpan? Hours(int? hours) => hours is { } number ? TimeSpan.FromHours(number - 1) : null;

    public static EvidenceItem Item(long sequence, EntryKind kind = EntryKind.Drill) =>
        new(sequence, kind, "agent:sauv-1", 812, Now.AddDays(-9), "4be190c7" + Root[8..]) { Outcome = kind is EntryKind.Drill ? Outcome.Failed : null, Subject = "restauration-dpi" };

    public static EvidenceEntryView Entry => new(Item(41790), """{"algorithm":"ES256","application":"dpi","counter":812,"payload":{"drill":"restauration-dpi","verdict":"failed"}}""", "0d5e" + Root[4..], Head, [Root, "4be1" + Root[4..]])
    {
        ApplicationId = "dpi", SignedAt = Now.AddDays(-9),
        Steps =
        [
            new DrillStepDocument("restore", "latest", 40110, "proved", "412 files, 2.4 TB") { DetailFr = "412 fichiers, 2,4 To" },
            new DrillStepDocument("probe", "nombre-de-fichiers", 3.2, "proved", "412 files within 400 to 500") { DetailFr = "412 fichiers, entre 400 et 500" },
            new DrillStepDocument("cleanup", "sandbox", 12, "proved", "removed") { DetailFr = "supprimé" },
        ],
        Findings =
        [
            new FindingDocument("BG1204", "error", "restauration-dpi", "Recovery took 11 h 20 min, the target is 8 h.", "Restore with several streams, then run the test again.") { MessageFr = "La reprise a duré 11 h 20, l’objectif est de 8 h.", RemedyFr = "Restaurez avec plusieurs flux, puis rejouez le test." },
            new FindingDocument("BG1002", "warning", "data/ab/abcd", "data/ab/abcd was read only at the second attempt.", "Look at the storage."),
        ],
    };

    public static Application App(string id, string name, string service, bool vital, int? hours, int? lossMinutes, string[]? dependsOn = null, int? limitHours = null, string owner = "") => new(id, name)
    {
        Service = service, Vital = vital, DependsOn = dependsOn ?? [], Owner = owner,
        RecoveryTimeObjective = hours is { } h ? TimeSpan.FromHours(h) : null,
        RecoveryPointObjective = lossMinutes is { } m ? TimeSpan.FromMinutes(m) : null,
        MaximumTolerablePeriod = limitHours is { } l ? TimeSpan.FromHours(l) : null,
    };

    // Outcomes oldest first, a month apart: P proved, X failed, I inconclusive.
    private static ApplicationReadiness State(string id, ReadinessState state, int? provedDaysAgo, string outcomes, int? recoveryMinutes, int? lossMinutes, int newestDaysAgo, params Reason[] reasons)
    {
        var valid = Catalogue.Applications.Single(a => a.Id == id).ProofValidFor;
        var proved = provedDaysAgo is { } days ? Now.AddDays(-days) : (DateTimeOffset?)null;
        var history = outcomes.Reverse().Select((o, i) => Drill(id, i, o, recoveryMinutes, lossMinutes, Now.AddDays(-newestDaysAgo - (31 * i)))).ToArray();
        return new ApplicationReadiness(id, state, reasons, proved, proved + valid) { History = history, NewestProof = history.FirstOrDefault() };
    }

    private static ProofFact Drill(string id, int index, char outcome, int? recoveryMinutes, int? lossMinutes, DateTimeOffset at) =>
        new(41790 - (index * 900) - id.Length, id, ProofKind.Drill, outcome switch { 'P' => Outcome.Proved, 'X' => Outcome.Failed, _ => Outcome.Inconclusive }, at)
        {
            Name = $"restauration-{id}", Agent = "agent-sauv-1", Coverage = outcome == 'I' ? 0.6 : 1,
            MeasuredRecoveryTime = outcome == 'I' || recoveryMinutes is not { } r ? null : TimeSpan.FromMinutes(r - (index * r / 16)),
            MeasuredRecoveryPoint = outcome == 'I' || lossMinutes is not { } l ? null : TimeSpan.FromMinutes(l),
            ReasonFr = outcome switch { 'X' => "Temps dépassé : lecture en un seul flux.", 'I' => "Zone isolée coupée pendant le test.", _ => "" },
            ReasonEn = outcome switch { 'X' => "Time exceeded: read in a single stream.", 'I' => "The isolated zone was cut during the test.", _ => "" },
        };
}
