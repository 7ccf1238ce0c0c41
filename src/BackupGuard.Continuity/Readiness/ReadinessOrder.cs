namespace BackupGuard.Continuity.Readiness;

/// <summary>
/// Which state is the worse one. Inconclusive stands below Unproven and Expired so that a drill that could not conclude
/// never makes anything look better.
/// </summary>
public static class ReadinessOrder
{
    public static int Rank(ReadinessState state) => state switch
    {
        ReadinessState.Failed => 0,
        ReadinessState.Inconclusive => 1,
        ReadinessState.Unproven => 2,
        ReadinessState.Expired => 3,
        ReadinessState.Proved => 4,
    };

    public static ReadinessState Worse(ReadinessState a, ReadinessState b) => Rank(a) <= Rank(b) ? a : b;

    public static string French(ReadinessState state) => state switch
    {
        ReadinessState.Failed => "Échec",
        ReadinessState.Inconclusive => "Non concluant",
        ReadinessState.Unproven => "Non prouvé",
        ReadinessState.Expired => "Périmé",
        ReadinessState.Proved => "Prouvé",
    };

    public static string English(ReadinessState state) => state switch
    {
        ReadinessState.Failed => "Failed",
        ReadinessState.Inconclusive => "Inconclusive",
        ReadinessState.Unproven => "Unproven",
        ReadinessState.Expired => "Expired",
        ReadinessState.Proved => "Proved",
    };
}
