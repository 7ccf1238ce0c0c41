namespace BackupGuard.Verification.Checks;

/// <summary>Is every dataset there, and young enough? By the time at which its data were read, never by the times of the files in the store. Pure.</summary>
public static class FreshnessCheck
{
    /// <summary>Clocks of two machines may differ by this much.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static IEnumerable<Finding> Judge(IReadOnlyList<SnapshotSummary> snapshots, CopyPolicy policy, DateTimeOffset now)
    {
        foreach (var dataset in policy.Expected)
        {
            // A snapshot from the future would be fresh for ever.
            if (snapshots.Where(s => dataset.Matches(s) && s.TakenAt <= now + ClockTolerance).MaxBy(s => s.TakenAt) is not { } newest)
            {
                yield return FreshnessFindings.DatasetMissing.At(dataset.Name);
                continue;
            }
            if (dataset.Pdma is { } pdma && now - newest.TakenAt > pdma)
                yield return FreshnessFindings.TooOld.At(dataset.Name, ("taken", RegisterCheck.Day(newest.TakenAt)), ("age", Hours(now - newest.TakenAt)), ("pdma", Hours(pdma)));
            if (dataset.NewestFile is not { } quiet) continue;
            // Not every format leaves out files whose time has not come yet; one of them would be fresh for ever.
            if (newest.NewestFileAt is not { } changed || changed > now + ClockTolerance) yield return FreshnessFindings.NewestFileUnknown.At(dataset.Name);
            else if (now - changed > quiet) yield return FreshnessFindings.StandsStill.At(dataset.Name, ("changed", RegisterCheck.Day(changed)), ("age", Hours(now - changed)), ("allowed", Hours(quiet)));
        }
    }

    private static Words Hours(TimeSpan time) => time < TimeSpan.FromHours(72)
        ? new(Number(time.TotalHours) + " h", Number(time.TotalHours) + " h")
        : new(Number(time.TotalDays) + " days", Number(time.TotalDays) + " jours");

    private static string Number(double value) => value.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>BG402x.</summary>
public static class FreshnessFindings
{
    public static readonly FindingKind DatasetMissing = new("BG4020", Severity.Error,
        new("No snapshot of {subject} is in this backup, and one is expected.", "Find out why its backup job writes nothing here, or correct what agent.yaml expects."),
        new("Aucun instantané de {subject} ne figure dans cette sauvegarde alors qu’il est attendu.", "Cherchez pourquoi sa tâche de sauvegarde n’écrit rien ici, ou corrigez ce qu’attend agent.yaml."));

    public static readonly FindingKind TooOld = new("BG4021", Severity.Error,
        new("The newest snapshot of {subject} is of {taken}, {age} old; its PDMA is {pdma}.", "Start its backup job again: restored today, everything since then would be lost."),
        new("Le dernier instantané de {subject} date du {taken}, soit {age} ; sa PDMA est de {pdma}.", "Relancez sa sauvegarde : restaurée aujourd’hui, tout ce qui suit serait perdu."));

    public static readonly FindingKind StandsStill = new("BG4022", Severity.Warning,
        new("The newest file of {subject} changed at {changed}, {age} ago, and {allowed} are expected at most: its source seems to stand still while the backup goes on.", "Look whether the export that feeds this backup still runs."),
        new("Le fichier le plus récent de {subject} date du {changed}, il y a {age}, pour {allowed} attendus au plus : la source semble figée alors que la sauvegarde continue.", "Vérifiez que l’export qui alimente cette sauvegarde fonctionne encore."));

    public static readonly FindingKind NewestFileUnknown = new("BG4023", Severity.Warning,
        new("This backup does not tell how old the newest file of {subject} is.", "Remove newestFile for it from agent.yaml, and ask for the newest business date in a drill instead."),
        new("Cette sauvegarde ne dit pas l’âge du fichier le plus récent de {subject}.", "Retirez newestFile de agent.yaml pour lui et demandez plutôt la date métier la plus récente dans un exercice."));
}
