using BackupGuard.Server.Features.Runs;

namespace BackupGuard.Server.Features.Exercises;

internal static class ExerciseUrls
{
    public const string All = "/exercices";

    public static string Start(string exercise) => $"{All}/{Uri.EscapeDataString(exercise)}/demarrer";

    public static string Facilitate(string run) => RunUrls.Run(run) + "/exercice";

    public static string Observe(string run) => Facilitate(run) + "/observation";

    public static string Retex(string run) => Facilitate(run) + "/retex";

    public static string Report(string run) => Facilitate(run) + "/rapport";

    public static string Real(string run) => Facilitate(run) + "/reel";
}
