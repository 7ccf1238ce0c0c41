namespace BackupGuard.Server.Features.Runs;

internal static class RunUrls
{
    public static string Start(string runbook) => $"/runbooks/{Uri.EscapeDataString(runbook)}/demarrer";

    public static string Runbook(string runbook) => "/runbooks/" + Uri.EscapeDataString(runbook);

    public static string Run(string run) => "/conduites/" + Uri.EscapeDataString(run);

    public static string Step(string run, string step) => $"{Run(run)}/etapes/{Uri.EscapeDataString(step)}";

    public static string Transition(string run, string transition) => $"{Run(run)}/passages/{Uri.EscapeDataString(transition)}";

    public static string Votes(string run) => Run(run) + "/voix";

    public static string Facts(string run) => Run(run) + "/faits";

    public static string Cards(string run) => Run(run) + "/cartes";

    public static string Paper(string run) => Run(run) + "/papier";

    public static string Log(string run) => Run(run) + "/main-courante";

    public static string Corrections(string run) => Log(run) + "/corrections";

    public static string MyCard(string run) => Run(run) + "/ma-carte";

    public static string Wall(string run) => Run(run) + "/mur";

    public static string Handover(string run) => Run(run) + "/releve";

    public static string Degraded(string run) => Run(run) + "/degrade";

    public static string Eta(string run) => Run(run) + "/retour";

    public static string Confirm(string run) => Run(run) + "/confirmer";

    public static string Modules(string run) => Run(run) + "/modules";

    public static string Amendment(string run) => Run(run) + "/modification";

    public static string Map(string run) => Run(run) + "/carte";

    public static string Feed(string run) => Run(run) + "/flux";
}
