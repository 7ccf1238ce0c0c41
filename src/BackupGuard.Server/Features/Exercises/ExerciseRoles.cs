using System.Security.Claims;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Server.Features.Runs;

namespace BackupGuard.Server.Features.Exercises;

/// <summary>Who may see and do what around an exercise. Players see none of it: an inject that is known beforehand tells nothing.</summary>
internal static class ExerciseRoles
{
    public const string Facilitator = "animateur";
    public const string Observer = "observateur";

    public static bool MayFacilitate(ClaimsPrincipal user) => RunRoles.MayAct(user, Facilitator);

    public static bool MayObserve(ClaimsPrincipal user) => RunRoles.MayAct(user, Observer) || MayFacilitate(user);

    /// <summary>When it is over everybody may know what it was.</summary>
    public static bool MayKnow(ClaimsPrincipal user, JournaledRun run) => MayObserve(user) || run.Closed || run.State.Exercise.Played.ContainsKey(Chronogramme.Finex);

    /// <summary>Everybody who played or looked may say what is to be learnt; whoever may only read may not.</summary>
    public static bool MayDebrief(ClaimsPrincipal user) => RunRoles.MayAct(user, "") || MayObserve(user);

    /// <summary>The role an observation is signed in.</summary>
    public static string Observing(ClaimsPrincipal user) => RunRoles.MayAct(user, Observer) ? Observer : Facilitator;

    /// <summary>The role a word of the debrief is signed in; "" for players, who speak as themselves.</summary>
    public static string Debriefing(ClaimsPrincipal user) => RunRoles.MayAct(user, "") ? "" : Observing(user);
}
