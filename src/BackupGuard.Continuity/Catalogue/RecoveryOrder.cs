namespace BackupGuard.Continuity.Catalogue;

/// <param name="Wave">From 1; everything that it needs is in an earlier one. 0: its dependencies go round in a circle, or lead to what nobody declared.</param>
public sealed record RecoveryRank(Application Application, int Wave);

/// <summary>What must be back before what, by the declared dependencies alone: no durations, no crews.</summary>
public static class RecoveryOrder
{
    /// <summary>Every declared application, in the order to bring them back; within a wave the vital ones first, then the shortest objective.</summary>
    public static IReadOnlyList<RecoveryRank> Of(HospitalCatalogue catalogue)
    {
        var wave = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var number = 1; ; number++)
        {
            var next = catalogue.Applications.Where(a => !wave.ContainsKey(a.Id) && a.DependsOn.All(wave.ContainsKey)).Select(a => a.Id).ToArray();
            if (next.Length == 0) break;
            foreach (var id in next) wave[id] = number;
        }

        return [.. catalogue.Applications.Select(a => new RecoveryRank(a, wave.GetValueOrDefault(a.Id)))
            .OrderBy(r => r.Wave == 0 ? int.MaxValue : r.Wave).ThenByDescending(r => r.Application.Vital)
            .ThenBy(r => r.Application.RecoveryTimeObjective ?? TimeSpan.MaxValue).ThenBy(r => r.Application.Id, StringComparer.Ordinal)];
    }
}
