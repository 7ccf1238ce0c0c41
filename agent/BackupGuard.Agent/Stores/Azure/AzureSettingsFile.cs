namespace BackupGuard.Agent.Stores.Azure;

/// <summary>What is known of an Azure identity: from a file, else from the environment. Nothing else is asked: no command line of Azure, no browser, no home folder.</summary>
internal static class AzureSettingsFile
{
    private const int LargestFile = 64 * 1024;

    /// <summary>The key in the file, and the variable that stands for it (those of restic and of Azure's own tools).</summary>
    public static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["account_name"] = "AZURE_ACCOUNT_NAME", ["endpoint_suffix"] = "AZURE_ENDPOINT_SUFFIX", ["account_key"] = "AZURE_ACCOUNT_KEY", ["sas"] = "AZURE_ACCOUNT_SAS",
        ["tenant_id"] = "AZURE_TENANT_ID", ["client_id"] = "AZURE_CLIENT_ID", ["client_secret"] = "AZURE_CLIENT_SECRET", ["client_certificate"] = "AZURE_CLIENT_CERTIFICATE_PATH",
        ["client_certificate_password"] = "AZURE_CLIENT_CERTIFICATE_PASSWORD", ["federated_token_file"] = "AZURE_FEDERATED_TOKEN_FILE", ["authority"] = "AZURE_AUTHORITY_HOST",
    };

    /// <summary>Only from a file: asking the metadata service of the machine is nothing to do unasked.</summary>
    public const string ManagedIdentity = "managed_identity";

    /// <exception cref="UsageException">The file cannot be used. The message names a line, never what stands there.</exception>
    public static Dictionary<string, string> Read(string? file) => file is null ? FromEnvironment() : FromFile(file);

    private static Dictionary<string, string> FromEnvironment() => Variables
        .Select(v => (v.Key, Value: Environment.GetEnvironmentVariable(v.Value))).Where(v => !string.IsNullOrEmpty(v.Value)).ToDictionary(v => v.Key, v => v.Value!, StringComparer.Ordinal);    // empty ones are left out just before

    private static Dictionary<string, string> FromFile(string file)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (line, number) in Lines(file).Select((l, i) => (l.Trim(), i + 1)))
        {
            if (line.Length == 0 || line[0] is '#' or ';') continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? "" : line[..equals].TrimEnd();
            if (!Variables.ContainsKey(key) && key != ManagedIdentity) throw new UsageException($"The credentials file {file}, line {number}: write one of {string.Join(", ", Variables.Keys)}, {ManagedIdentity}, '=' and the value.");
            var value = line[(equals + 1)..].TrimStart();
            if (value.Length == 0) throw new UsageException($"The credentials file {file}, line {number}: {key} has no value.");
            if (!found.TryAdd(key, value)) throw new UsageException($"The credentials file {file}, line {number}: {key} is there for the second time.");
        }
        return found;
    }

    /// <summary>What such a line names is on this machine and nowhere else: an envelope that holds it holds no key.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public static void RefuseWhatLiesOutside(string text)
    {
        foreach (var line in text.Split('\n'))
            if (line.Split('=', 2)[0].Trim() is (ManagedIdentity or "client_certificate" or "federated_token_file") and var key)
                throw new UsageException($"its credentials name {key}, which this machine has and the envelope does not: put an account key, a SAS or a client secret into it.");
    }

    private static string[] Lines(string file)
    {
        try
        {
            if (new FileInfo(file).Length > LargestFile) throw new UsageException($"The credentials file {file} is larger than {LargestFile} bytes: it is something else.");
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The credentials file {file} cannot be read: {e.Message}");
        }
    }
}
