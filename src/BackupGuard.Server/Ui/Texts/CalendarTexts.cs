using BackupGuard.Server.Features.Drills;

namespace BackupGuard.Server.Ui.Texts;

public static class CalendarTexts
{
    public static readonly Phrase Title = new("Calendrier", "Calendar");
    public static readonly Phrase Heading = new("Qu’est-ce qui devait être regardé, et ne l’a pas été ?", "What should have been looked at, and was not?");
    public static readonly Phrase None = new(
        "Aucun agent n’a encore dit ce qu’il a prévu : personne ne sait ce qui devrait être regardé.",
        "No agent has said yet what it has planned: nobody knows what should be looked at.");
    public static readonly Phrase List = new("Prévu par les agents", "Planned by the agents");
    public static readonly Phrase Silence = new(
        "Selon le dernier mot de chaque agent. Un agent qui se tait garde son plan : ce qu’il avait prévu devient en retard.",
        "By the last word of each agent. An agent that falls silent keeps its plan: what it had planned becomes overdue.");
    public static readonly Phrase Caption = new("Travaux prévus, les retards d’abord", "Planned work, overdue first");
    public static readonly Phrase What = new("Travail", "Work");
    public static readonly Phrase State = new("État", "State");
    public static readonly Phrase Next = new("Prochain", "Next");
    public static readonly Phrase Last = new("Dernier début", "Last begun");
    public static readonly Phrase NoNext = new("aucune date", "no date");
    public static readonly Phrase NotYet = new("jamais", "never");
    public static readonly Phrase Probe = new("Épreuve du verrou", "Lock probe");
    public static readonly Phrase Planned = new("Prévu", "Planned");
    public static readonly Phrase Open = new("Calendrier de ce qui est prévu", "Calendar of what is planned");

    public static readonly Plural OverdueCount = new(new("{count} travail en retard", "{count} job overdue"), new("{count} travaux en retard", "{count} jobs overdue"));
    public static readonly Plural ClockCount = new(new("{count} daté par une horloge fausse", "{count} dated by a wrong clock"), new("{count} datés par une horloge fausse", "{count} dated by a wrong clock"));
    public static readonly Plural DueCount = new(new("{count} à faire", "{count} due"), new("{count} à faire", "{count} due"));
    public static readonly Plural NeverCount = new(new("{count} sans date", "{count} without a date"), new("{count} sans date", "{count} without a date"));
    public static readonly Plural PlannedCount = new(new("{count} prévu", "{count} planned"), new("{count} prévus", "{count} planned"));
    public static readonly Plural LeftOut = new(
        new("{count} travail ne tenait pas dans le plan d’un agent et manque ici.", "{count} job did not fit into an agent’s plan and is missing here."),
        new("{count} travaux ne tenaient pas dans le plan d’un agent et manquent ici.", "{count} jobs did not fit into an agent’s plan and are missing here."));

    /// <summary>Null: nothing to be marked; what is planned is neither good nor bad.</summary>
    public static Look? Of(PlannedState state) => state switch
    {
        PlannedState.Overdue => new("expired", new("En retard", "Overdue")),
        PlannedState.ClockWrong => new("inconclusive", new("Horloge fausse", "Wrong clock")),
        PlannedState.Due => new("unproven", new("À faire", "Due")),
        PlannedState.Never => new("unproven", new("Sans date", "No date")),
        PlannedState.Planned => null,
    };
}
