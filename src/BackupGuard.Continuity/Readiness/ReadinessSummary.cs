using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Readiness;

/// <summary>The first sentence of the first page, and the numbers it is made of.</summary>
/// <param name="FirstExpiry">The next proof to end among those that count now.</param>
public sealed record ReadinessSummary(
    IReadOnlyDictionary<ReadinessState, int> Counts,
    int Vital,
    int VitalProved,
    IReadOnlyList<string> VitalNotProved,
    DateTimeOffset? FirstExpiry,
    string AnswerFr,
    string AnswerEn)
{
    public static ReadinessSummary Of(HospitalCatalogue catalogue, HospitalReadiness readiness)
    {
        var states = readiness.Applications.ToDictionary(a => a.ApplicationId, a => a.State, StringComparer.Ordinal);
        var counts = Enum.GetValues<ReadinessState>().ToDictionary(s => s, s => states.Values.Count(v => v == s));
        var vital = catalogue.Applications.Where(a => a.Vital).Select(a => a.Id).ToList();
        var missing = vital.Where(id => states[id] != ReadinessState.Proved).ToList();
        var proved = vital.Count - missing.Count;
        return new(counts, vital.Count, proved, missing,
            readiness.Applications.Where(a => a.State == ReadinessState.Proved).Min(a => a.ExpiresAt),
            FrenchText.Set(French(vital.Count, proved)), English(vital.Count, proved));
    }

    private static string French(int vital, int proved) => (vital, proved) switch
    {
        (0, _) => "Aucune application n’est déclarée vitale : on ne peut pas répondre.",
        (_, 0) => "Non : aucune application vitale n’est prouvée.",
        (1, 1) => "Oui : l’application vitale reviendrait à temps, la preuve le montre.",
        _ when vital == proved => $"Oui : les {vital} applications vitales reviendraient à temps, les preuves le montrent.",
        (_, 1) => $"Pas encore : 1 application vitale sur {vital} est prouvée.",
        _ => $"Pas encore : {proved} applications vitales sur {vital} sont prouvées.",
    };

    private static string English(int vital, int proved) => (vital, proved) switch
    {
        (0, _) => "No application is declared vital: no answer is possible.",
        (_, 0) => "No: no vital application is proved.",
        (1, 1) => "Yes: the vital application would be back in time, by proof.",
        _ when vital == proved => $"Yes: all {vital} vital applications would be back in time, by proof.",
        _ => $"Not yet: {proved} of {vital} vital applications {(proved == 1 ? "is" : "are")} proved.",
    };
}
