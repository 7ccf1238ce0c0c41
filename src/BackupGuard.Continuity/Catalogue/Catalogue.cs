namespace BackupGuard.Continuity.Catalogue;

/// <summary>An application of the hospital with what is expected of it.</summary>
/// <param name="Id">kebab-case, stable: evidence refers to it.</param>
public sealed record Application(string Id, string Name)
{
    public string NameEn { get; init; } = "";

    /// <summary>The care or support service that owns it.</summary>
    public string Service { get; init; } = "";

    /// <summary>Whether care stops without it (tier 1).</summary>
    public bool Vital { get; init; }

    /// <summary>Recovery time objective: DMIA in the sense of ANSSI-BP-100. Null: not decided.</summary>
    public TimeSpan? RecoveryTimeObjective { get; init; }

    /// <summary>MTPD, the absolute limit. Null: not defined; never copied from the objective.</summary>
    public TimeSpan? MaximumTolerablePeriod { get; init; }

    /// <summary>PDMA. Null: not decided.</summary>
    public TimeSpan? RecoveryPointObjective { get; init; }

    /// <summary>How long a proof counts.</summary>
    public TimeSpan ProofValidFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Ids of applications that must be back first.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Person or team to turn to.</summary>
    public string Owner { get; init; } = "";
}

/// <summary>What the hospital declared, from one YAML file.</summary>
public sealed record HospitalCatalogue(string Establishment, string TimeZoneId, IReadOnlyList<Application> Applications);
