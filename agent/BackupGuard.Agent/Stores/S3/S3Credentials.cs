using Amazon.Runtime;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>Keys of an S3 identity: from a file, else from the environment. Nothing else is asked: no metadata service of a cloud machine, no program, no home folder.</summary>
internal static class S3Credentials
{
    private const int LargestFile = 64 * 1024;
    private static readonly string[] Keys = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

    /// <exception cref="UsageException">There are none, or the file cannot be used.</exception>
    public static AWSCredentials Load(string? file) => file is not null ? FromFile(file) : FromEnvironment();

    private static AWSCredentials FromEnvironment()
    {
        var (id, secret) = (Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID"), Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY"));
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(secret))
            throw new UsageException("This store needs keys: give --credentials-file F (credentialsFile under store in agent.yaml), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
        return Of(id, secret, Environment.GetEnvironmentVariable("AWS_SESSION_TOKEN"));
    }

    /// <summary>The form of ~/.aws/credentials, one identity a file. Any other key is refused: credential_process and its like would run a program.</summary>
    private static AWSCredentials FromFile(string file)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var sections = 0;
        foreach (var (line, number) in Lines(file).Select((l, i) => (l.Trim(), i + 1)))
        {
            if (line.Length == 0 || line[0] is '#' or ';') continue;
            if (line[0] == '[')
            {
                if (++sections > 1) throw new UsageException($"The credentials file {file} has more than one section: keep one identity in it.");
                continue;
            }
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? "" : line[..equals].TrimEnd();
            // What stands there may be a secret: only the line's number is said.
            if (!Keys.Contains(key)) throw new UsageException($"The credentials file {file}, line {number}: write one of {string.Join(", ", Keys)}, '=' and the value.");
            if (!found.TryAdd(key, line[(equals + 1)..].TrimStart())) throw new UsageException($"The credentials file {file}, line {number}: {key} is there for the second time.");
        }
        foreach (var key in Keys.Take(2))
            if (string.IsNullOrEmpty(found.GetValueOrDefault(key))) throw new UsageException($"The credentials file {file} has no {key}.");
        return Of(found[Keys[0]], found[Keys[1]], found.GetValueOrDefault(Keys[2]));
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

    private static AWSCredentials Of(string id, string secret, string? token) => string.IsNullOrEmpty(token) ? new BasicAWSCredentials(id, secret) : new SessionAWSCredentials(id, secret, token);
}
