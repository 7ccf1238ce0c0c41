namespace BackupGuard.Demo;

/// <summary>A server and an agent as two real processes on this machine, with the sample hospital between them.</summary>
internal sealed class Demonstration(SampleHospital hospital)
{
    private static readonly string Server = SampleHospital.Place("Server");
    private static readonly string Agent = SampleHospital.Place("Agent");

    public async Task RunAsync(CancellationToken stop)
    {
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = ChildProcess.Start("backupguard-server", Server,
            ["run", "--urls", "http://127.0.0.1:0", "--data", hospital.ServerData, "--catalogue", hospital.Catalogue, "--runbooks", SampleHospital.Place("Runbooks")],
            line => { if (line.StartsWith("Listening on ", StringComparison.Ordinal)) address.TrySetResult(line["Listening on ".Length..].Trim().TrimEnd('/')); },
            line => Console.Error.WriteLine($"  server  {line}"));
        var url = await address.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, stop);
        Console.WriteLine(Words.Of($"Serveur prêt : {url}", $"Server ready: {url}"));

        await EnrolAsync(url, stop);
        await using var agent = ChildProcess.Start("backupguard-agent", Agent, ["run", "--config", hospital.AgentConfig, "--now"], _ => { }, line => Console.WriteLine($"  agent   {line}"));
        var login = await OneTimeLoginAsync(url, stop);
        Console.WriteLine();
        Console.WriteLine(Words.Of("Ouvrez cette adresse (elle sert une fois) :", "Open this address (it works once):"));
        Console.WriteLine($"  {login}");
        Console.WriteLine(Words.Of("Ctrl-C pour arrêter.", "Ctrl-C to stop."));

        while (!stop.IsCancellationRequested)
        {
            if (server.HasEnded || agent.HasEnded) throw new DemoException($"{(server.HasEnded ? "the server" : "the agent")} ended by itself.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Console.WriteLine(Words.Of("Arrêt…", "Stopping…"));
    }

    /// <summary>What an administrator does once on a new machine: a token from the server, the agent's key to the server, a seal on the folder.</summary>
    private async Task EnrolAsync(string url, CancellationToken stop)
    {
        var (_, token) = await ChildProcess.RunAsync("backupguard-server agents token", Server, ["agents", "token", "--data", hospital.ServerData], stop);
        await ChildProcess.RunAsync("backupguard-agent enroll", Agent, ["enroll", "--server", url, "--name", "demo", "--state", hospital.AgentState], stop, ("BACKUPGUARD_ENROL_TOKEN", token[^1].Trim()));
        await ChildProcess.RunAsync("backupguard-agent seal", Agent, ["seal", hospital.Pharmacy, "--state", hospital.AgentState], stop);
    }

    private async Task<string> OneTimeLoginAsync(string url, CancellationToken stop)
    {
        var (_, lines) = await ChildProcess.RunAsync("backupguard-server accounts", Server, ["accounts", "one-time-login", "--data", hospital.ServerData], stop);
        var printed = lines[^1].Trim();
        return printed.StartsWith('/') ? url + printed : printed.StartsWith("http", StringComparison.Ordinal) ? printed : $"{url}/connexion?code={Uri.EscapeDataString(printed)}";
    }
}
