using System.CommandLine;
using BackupGuard.Agent.Stores;

namespace BackupGuard.Agent.Commands;

/// <summary>What reaching a store takes, for the verbs that take an address. Keys come from a file or the environment, never from here.</summary>
internal sealed class StoreOptions
{
    private readonly Option<string?> credentialsFile = new("--credentials-file") { Description = "S3: file with aws_access_key_id and aws_secret_access_key, Azure: with account_key, sas, client_secret or the like; else AWS_ACCESS_KEY_ID, AZURE_ACCOUNT_KEY and their like are used" };
    private readonly Option<string?> caFile = new("--ca-file") { Description = "S3, Azure: authorities (PEM) that the endpoint's certificate must come from, instead of those of this machine" };
    private readonly Option<string?> region = new("--region") { Description = "S3: region that requests are signed for (default: AWS_REGION, or us-east-1)" };
    private readonly Option<bool?> pathStyle = new("--path-style") { Description = "S3: true when the bucket stands in the path (default, except at AWS), false when in the host name" };

    public void AddTo(Command command)
    {
        command.Options.Add(credentialsFile);
        command.Options.Add(caFile);
        command.Options.Add(region);
        command.Options.Add(pathStyle);
    }

    public StoreSettings Read(ParseResult parsed) => new()
    {
        CredentialsFile = parsed.GetValue(credentialsFile), CaFile = parsed.GetValue(caFile), Region = parsed.GetValue(region), PathStyle = parsed.GetValue(pathStyle),
    };
}
