using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BackupGuard.Verification.Formats.Driven;

namespace BackupGuard.Verification.Formats.PgBackRest;

/// <summary>What a stanza is asked through pgBackRest. Every call is one that only reads, and writes no log.</summary>
internal sealed partial class PgBackRestTool(IDrivenTool tool, string stanza, int repository, FindingList findings)
{
    private const int NotFound = 55, MostVersionBytes = 4096;

    public string Stanza => stanza;
    public int Repository => repository;
    public IToolFolder CreateFolder() => tool.CreateFolder();

    /// <summary>Its version; null, with a finding, when it cannot be asked at all.</summary>
    public async Task<DrivenBy?> VersionAsync(CancellationToken cancellationToken)
    {
        if (await AskAsync("version", ["version"], MostVersionBytes, cancellationToken) is not { } answer) return null;
        if (Version().Match(Encoding.UTF8.GetString(answer.Output)) is { Success: true } version) return new DrivenBy("pgBackRest", version.Groups["number"].Value);
        NotUnderstood("version", "it does not name itself pgBackRest");
        return null;
    }

    public Task<InfoAnswer?> InfoAsync(CancellationToken cancellationToken) =>
        ReadAsync("info", ["info", "--output=json"], InfoAnswer.LargestBytes, o => InfoAnswer.Read(o, stanza, repository), cancellationToken);

    public Task<VerifyAnswer?> VerifyAsync(CancellationToken cancellationToken) =>
        ReadAsync("verify", ["verify", "--output=text", "--verbose", Repo], VerifyAnswer.LargestBytes, o => VerifyAnswer.Read(o, stanza), cancellationToken);

    /// <param name="kind">backup or archive.</param>
    public Task<Dictionary<string, long>?> ListAsync(string kind, CancellationToken cancellationToken) =>
        ReadAsync("repo-ls", ["repo-ls", "--recurse", "--output=json", Repo, $"{kind}/{stanza}"], Listing.LargestBytes, Listing.Read, cancellationToken);

    /// <summary>A file of the repository, decrypted by the tool.</summary>
    /// <returns>False when it is not there; its bytes are null when it could not be had, with a finding.</returns>
    public async Task<(bool IsThere, byte[]? Bytes)> GetAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await TryAsync("repo-get", ["repo-get", Repo, path], InfoFile.LargestBytes, cancellationToken);
        if (answer is null) return (true, null);
        if (answer.End.ExitCode == NotFound) return (false, null);
        return (true, Succeeded("repo-get", answer) ? answer.Output : null);
    }

    /// <summary>Runs a verb whose work lies on the disk afterwards.</summary>
    /// <returns>Null when it could not be run.</returns>
    public async Task<ToolEnd?> WorkAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        (await TryAsync(arguments[0], arguments, VerifyAnswer.LargestBytes, cancellationToken))?.End;

    public string Repo => string.Create(CultureInfo.InvariantCulture, $"--repo={repository}");

    public void NotUnderstood(string verb, string reason)
    {
        findings.Add(PgBackRestFindings.NotUnderstood.At(verb, ("reason", reason)));
        findings.LeaveUnfinished(new($"what pgBackRest answered to {verb} was not understood", $"la réponse de pgBackRest à {verb} n’a pas été comprise"));
    }

    public void Failed(string verb, string reason)
    {
        findings.Add(PgBackRestFindings.ToolFailed.At(verb, ("reason", reason)));
        findings.LeaveUnfinished(new($"pgBackRest did not answer {verb}: {reason}", $"pgBackRest n’a pas répondu à {verb} : {reason}"));
    }

    private async Task<T?> ReadAsync<T>(string verb, IReadOnlyList<string> arguments, long mostBytes, Func<byte[], T> read, CancellationToken cancellationToken) where T : class
    {
        if (await AskAsync(verb, arguments, mostBytes, cancellationToken) is not { } answer) return null;
        try
        {
            return read(answer.Output);
        }
        catch (InvalidDataException e)
        {
            NotUnderstood(verb, e.Message);
            return null;
        }
    }

    private async Task<ToolAnswer?> AskAsync(string verb, IReadOnlyList<string> arguments, long mostBytes, CancellationToken cancellationToken) =>
        await TryAsync(verb, arguments, mostBytes, cancellationToken) is { } answer && Succeeded(verb, answer) ? answer : null;

    private bool Succeeded(string verb, ToolAnswer answer)
    {
        if (answer.End.ExitCode == 0) return true;
        Failed(verb, string.Create(CultureInfo.InvariantCulture, $"exit status {answer.End.ExitCode}{(answer.End.Errors.Length > 0 ? ", " : "")}{answer.End.Errors}"));
        return false;
    }

    private async Task<ToolAnswer?> TryAsync(string verb, IReadOnlyList<string> arguments, long mostBytes, CancellationToken cancellationToken)
    {
        try
        {
            string[] all = verb == "version" ? [.. arguments] : [.. arguments, $"--stanza={stanza}", "--log-level-file=off", "--log-level-console=off", "--log-level-stderr=warn", "--no-log-timestamp"];
            return await tool.AskAsync(new ToolQuestion(all), mostBytes, cancellationToken);
        }
        catch (ToolException e)
        {
            Failed(verb, e.Message);
            return null;
        }
    }

    [GeneratedRegex(@"^pgBackRest (?<number>[0-9]+\.[0-9]+[0-9A-Za-z.]*)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
