using System.Security.Claims;
using System.Text.Json;
using BackupGuard.Continuity.Runs;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Runs;

namespace BackupGuard.Server.Features.Exercises;

/// <summary>The text of an exercise stands in the log from its start. It is provable at once, and readable by players when the exercise is over.</summary>
internal sealed class WithheldExercise(RunJournal journal)
{
    private static readonly string Pinned = RunJson.TypeOf(new AnnexPinned("", "", "", ""));

    /// <returns>True when the entry holds an exercise that is still played, and the person is not of those who lead or watch it.</returns>
    /// <exception cref="InvalidDataException">The journal of the run contradicts itself.</exception>
    public async Task<bool> IsFromAsync(EvidenceEntry entry, ClaimsPrincipal user, CancellationToken stop)
    {
        if (entry.Type != Pinned || entry.Origin != EvidenceEntry.ServerOrigin || ExerciseRoles.MayObserve(user)) return false;
        using var payload = JsonDocument.Parse(entry.Payload);
        return payload.RootElement.GetProperty("kind").GetString() == ExerciseOnDisk.AnnexKind
            && await journal.LoadAsync(payload.RootElement.GetProperty("run").GetString()!, stop) is { } run && !ExerciseRoles.MayKnow(user, run);
    }
}
