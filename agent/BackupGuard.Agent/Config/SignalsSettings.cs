using BackupGuard.Verification.Checks.Anomaly;

namespace BackupGuard.Agent;

/// <summary>The section <c>signals</c> of a repository: whether what is inside is still the hospital's data.</summary>
/// <param name="CanaryRegister">File with the planted canaries, outside every source; read anew at each run, for they are rotated. Null for none.</param>
public sealed record SignalsSettings(string? CanaryRegister)
{
    public IReadOnlyList<PathProfile> Profiles { get; init; } = [];
    public IReadOnlyList<ChangeWindow> Windows { get; init; } = [];
    public int SampleFiles { get; init; } = new AnomalySettings().SampleFiles;

    /// <param name="refusal">Why the register cannot be used; then there are no canaries, and the look is not whole. Null otherwise.</param>
    public AnomalySettings Load(out string? refusal)
    {
        var settings = new AnomalySettings { Profiles = Profiles, Windows = Windows, SampleFiles = SampleFiles };
        refusal = null;
        if (CanaryRegister is not { } file) return settings;
        try
        {
            if (new FileInfo(file).Length > Verification.Checks.Anomaly.CanaryRegister.LargestBytes) refusal = "it is too large";
            else if (Verification.Checks.Anomaly.CanaryRegister.Parse(File.ReadAllBytes(file), out var wrong) is { } register) return settings with { Canaries = register.Sets };
            else refusal = wrong;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refusal = e.Message;
        }
        return settings;
    }
}
