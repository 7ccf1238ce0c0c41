namespace BackupGuard.Server.Features.Runs;

internal static class RunUrls
{
    public static string Start(string runbook) => $"/runbooks/{Uri.EscapeDataString(runbook)}/demarrer";

    public static string Run(string run) => "/conduites/" + Uri.EscapeDataString(run);

    public static string Step(string run, string step) => $"{Run(run)}/etapes/{Uri.EscapeDataString(step)}";

    public static string Transition(string run, string transition) => $"{Run(run)}/passages/{Uri.EscapeDataString(transition)}";

    public static string Votes(string run) => Run(run) + "/voix";

    public static string Facts(string run) => Run(run) + "/faits";

    public static string Cards(string run) => Run(run) + "/cartes";

    public static string Paper(string run) => Run(run) + "/papier";

    public static string Log(string run) => Run(run) + "/main-courante";
}
