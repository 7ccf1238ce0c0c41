using System.CommandLine;
using System.Security.Cryptography;
using BackupGuard.Evidence;
using BackupGuard.Witness;

const int WrongUsage = 2;

var data = new Option<string>("--data") { Description = "Folder for the witness's key and for what it has seen.", Required = true };
var name = new Option<string>("--name") { Description = "The witness's name, such as temoin.chu-voisin.example. Given once, with keygen.", Required = true };
var urls = new Option<string>("--urls") { Description = "Where to listen.", DefaultValueFactory = _ => "http://127.0.0.1:8475" };
var logs = new Option<string[]>("--log") { Description = "A log to vouch for, as name+id+base64 (backupguard-server prints it). Give it once for each log.", Required = true };

var keygen = new Command("keygen", "Makes the witness's key and prints what auditors write into their policy.") { data, name };
keygen.SetAction(parsed => Guarded(() =>
{
    var folder = parsed.GetRequiredValue(data);
    PrivateFiles.CreateFolder(folder);
    if (File.Exists(KeyFile(folder))) throw new IOException($"{KeyFile(folder)} is there already: a witness with another key is another witness.");
    using var key = EvidenceKey.Generate();
    var witness = new CosignatureKey(parsed.GetRequiredValue(name), key.PublicKey);
    PrivateFiles.Replace(KeyFile(folder), System.Text.Encoding.UTF8.GetBytes($"{witness.Name}\n{key.ToPem()}\n"));
    Console.Out.WriteLine(witness);
}));

var run = new Command("run", "Vouches for checkpoints: each log only ever grows, and nobody is shown another one.") { data, urls, logs };
run.SetAction((parsed, cancellationToken) => GuardedAsync(async () =>
{
    var folder = parsed.GetRequiredValue(data);
    using var key = ReadKey(folder, out var witness);
    var known = parsed.GetRequiredValue(logs).Select(l => NoteKey.Parse(l.Trim())).ToArray();
    using var memory = WitnessMemory.Open(folder);
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
    builder.WebHost.UseUrls(parsed.GetRequiredValue(urls));
    builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = WitnessRequest.MaxBytes + 1);
    await using var app = builder.Build();
    using var endpoint = new WitnessEndpoint(known, memory, witness, key, TimeProvider.System, app.Services.GetRequiredService<ILogger<WitnessEndpoint>>());
    app.MapPost("/add-checkpoint", endpoint.AnswerAsync);
    app.MapGet("/healthz", () => Results.Text("ok\n"));
    await app.StartAsync(cancellationToken);
    foreach (var url in app.Urls) Console.Error.WriteLine($"{witness} listens on {url}");
    await app.WaitForShutdownAsync(cancellationToken);
}));
var invoked = new RootCommand("BackupGuard: a witness, on somebody else's machine, to what the log has said.") { keygen, run }.Parse(args);
return invoked.Errors.Count > 0 ? Refuse(invoked.Errors[0].Message) : await invoked.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

static string KeyFile(string folder) => Path.Combine(folder, "witness.key");

static EvidenceKey ReadKey(string folder, out CosignatureKey witness)
{
    var text = File.ReadAllText(KeyFile(folder));
    var key = EvidenceKey.FromPem(text[(text.IndexOf('\n') + 1)..]);
    witness = new CosignatureKey(text.Split('\n')[0], key.PublicKey);
    return key;
}

static int Refuse(string sentence)
{
    Console.Error.WriteLine($"backupguard-witness: {sentence}");
    return WrongUsage;
}

static int Guarded(Action act)
{
    try
    {
        act();
        return 0;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
    {
        return Refuse(e.Message);
    }
}

static async Task<int> GuardedAsync(Func<Task> act)
{
    try
    {
        await act();
        return 0;
    }
    catch (EvidenceException e)
    {
        return Refuse($"{e.Problem.Code} {e.Problem.Message("en")} {e.Problem.Remedy("en")}");
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
    {
        return Refuse(e.Message);
    }
}
