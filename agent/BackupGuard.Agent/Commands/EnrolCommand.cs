using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using BackupGuard.Agent.Link;
using BackupGuard.Contracts;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Commands;

/// <summary>enroll: makes this agent's key known to a server with a one-time token, and keeps the address and the server's key.</summary>
internal static class EnrolCommand
{
    public const string TokenVariable = "BACKUPGUARD_ENROL_TOKEN";

    public static Command Create(TimeProvider clock)
    {
        var server = new Option<string>("--server") { Description = "the server's address, such as https://backupguard.example.fr:8443", Required = true };
        var token = new Option<string?>("--token") { Description = $"the one-time token; safer from a file or {TokenVariable}" };
        var tokenFile = new Option<string?>("--token-file") { Description = "file that holds the one-time token" };
        var serverKey = new Option<string?>("--server-key") { Description = "sha256:HEX of the server's public key, as the server prints it; needed unless its certificate is trusted by this machine" };
        var name = new Option<string?>("--name") { Description = "name of this agent; the machine's name unless given" };
        var state = CommandLine.State();
        var command = new Command("enroll", "Makes this agent known to a server.") { server, token, tokenFile, serverKey, name, state };
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var address = ServerAddress.Parse(parsed.GetRequiredValue(server));
            var pin = parsed.GetValue(serverKey) is { } text ? ServerPin.Parse(text) : null;
            if (pin is not null && address.Scheme == "http") throw new UsageException("--server-key: http shows no key. Use https, or leave --server-key away.");
            var secret = ReadToken(parsed.GetValue(token), parsed.GetValue(tokenFile), Environment.GetEnvironmentVariable(TokenVariable));
            return await RunAsync(new Enrolment(address, pin, secret, parsed.GetValue(name), parsed.GetValue(state) ?? AgentIdentity.DefaultFolder, clock), cancellationToken);
        }));
        return command;
    }

    internal static string ReadToken(string? token, string? file, string? variable)
    {
        var given = new[] { token, file is null ? null : ReadTokenFile(file), token is null && file is null ? variable : null }.OfType<string>().Select(t => t.Trim()).ToArray();
        return given is [{ Length: > 0 and <= 512 } one]
            ? one
            : throw new UsageException($"Give the one-time token once: with --token-file, in {TokenVariable}, or with --token. The server prints one with: backupguard-server agents token.");
    }

    private static async Task<int> RunAsync(Enrolment enrolment, CancellationToken cancellationToken)
    {
        try
        {
            var settings = await enrolment.RunAsync(cancellationToken);
            await Console.Error.WriteLineAsync(CommandLine.Language == "fr"
                ? $"Agent « {settings.AgentId} » enrôlé auprès de {settings.Server} ({settings.Establishment})."
                : $"Agent '{settings.AgentId}' is enrolled at {settings.Server} ({settings.Establishment}).");
            return CommandLine.Proved;
        }
        catch (LinkException e)
        {
            CommandLine.PrintFindings([e.Finding]);
            return e.Finding.Severity == Severity.Error ? CommandLine.Usage : CommandLine.Inconclusive;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The state folder cannot be used ({e.Message.TrimEnd('.')}). Give the agent's account the right to write there, or name another with --state.");
        }
    }

    private static string ReadTokenFile(string path)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(new Spool.SpoolDisk().Read(path, 4096));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--token-file {path}: {e.Message}");
        }
    }
}

/// <summary>One enrolment, without the console.</summary>
/// <param name="Pin">The server's key, or null to trust what the machine trusts.</param>
internal sealed record Enrolment(Uri Server, ServerPin? Pin, string Token, string? Name, string StateFolder, TimeProvider Clock)
{
    /// <exception cref="LinkException">The server could not be reached, trusted or believed, or refused.</exception>
    /// <exception cref="UsageException">The key file or the name cannot be used.</exception>
    public async Task<LinkSettings> RunAsync(CancellationToken cancellationToken)
    {
        using var identity = AgentIdentity.OpenOrCreate(StateFolder, Name);
        using var channel = new ServerChannel(Server, Pin, identity, Clock);
        var request = new EnrolRequest(Token, identity.Name, Convert.ToBase64String(identity.Key.PublicKey.Spki.Span), SoftwareVersion);
        var answer = await channel.PostAsync("/api/v1/agents/enrol", JsonSerializer.SerializeToUtf8Bytes(request, WireJson.Default.EnrolRequest), cancellationToken);
        var response = Read(answer, channel);
        if (response.AgentId != identity.Name) throw channel.Unbelievable($"it enrolled '{Printable.Of(response.AgentId)}', not '{identity.Name}'", inner: null);
        var settings = new LinkSettings(channel.Server, response.AgentId, Pin?.ToString(), response.Establishment);
        settings.Save(StateFolder);
        return settings;
    }

    /// <summary>Version of this program, as it stands in its entries.</summary>
    public static string SoftwareVersion { get; } =
        (typeof(Enrolment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];

    private static EnrolResponse Read(byte[] answer, ServerChannel channel)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, WireJson.Default.EnrolResponse) ?? throw channel.Unbelievable("it is empty", inner: null);
        }
        catch (JsonException e)
        {
            throw channel.Unbelievable("it is not the answer to an enrolment", e);
        }
    }
}
