using BackupGuard.Agent.Stores;

namespace BackupGuard.Agent.Config;

/// <summary>Reads how a repository's store is reached.</summary>
internal static class StoreReader
{
    public static StoreSettings Read(string repository, YamlValue value, string folder, List<ConfigProblem> problems)
    {
        var s = new Section(value, $"store of {repository}", ["credentialsFile", "caFile", "region", "pathStyle"], problems);
        var region = s.Optional("region");
        if (region is not null && !Values.IsName(region)) s.RefuseKey("region", "a region has a-z, 0-9 and \"-\", such as fr-par or eu-west-3");
        var pathStyle = s.Optional("pathStyle");
        if (pathStyle is not (null or "true" or "false")) s.RefuseKey("pathStyle", "write true (https://host/bucket) or false (https://bucket.host)");
        return new StoreSettings
        {
            CredentialsFile = AgentConfig.FullPath(s.Optional("credentialsFile"), folder), CaFile = AgentConfig.FullPath(s.Optional("caFile"), folder),
            Region = region, PathStyle = pathStyle is null ? null : pathStyle == "true",
        };
    }
}
