using System.Security.Claims;
using BackupGuard.Server.Features.Access;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Who may act as what in a run. An administrator may stand in anywhere; a quorum counts persons all the same.</summary>
internal static class RunRoles
{
    private static readonly string[] Watchers = ["lecteur", "observateur"];

    public static bool MayAct(ClaimsPrincipal user, string role) =>
        user.IsInRole(Roles.Administrator) || (role == "" ? user.FindAll(ClaimTypes.Role).Any(r => !Watchers.Contains(r.Value)) : user.IsInRole(role));
}
