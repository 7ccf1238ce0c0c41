using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Features.Exercises;
using BackupGuard.Server.Features.Obligations;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BackupGuard.Benchmarks;

/// <summary>The console of a crisis that is ten weeks old: its journal folded, its pages, and many people who write and watch at once. Prints figures beside the aims.</summary>
internal static partial class RunsBenchmark
{
    private const int Applications = 1000;
    private const int Consoles = 50;
    private const int Writers = 10;
    private const int Folds = 21;
    private const int WarmUps = 40;
    private const string Runbook = "plan-blanc-numerique";
    private const string Old = "mesure-longue";
    private const string Live = "mesure-directe";

    private const string Usage = "Usage: runs [--lines N] [--commands N] [--requests N] [--pause MILLISECONDS] [--weeks N]";

    public static async Task<int> RunAsync(string[] args)
    {
        var (lines, commands, requests, pause, weeks) = (10_000, 2_000, 100, 100, 26);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            if (args[i] == "--lines" && int.TryParse(value, out lines) && lines >= 100) continue;
            if (args[i] == "--commands" && int.TryParse(value, out commands) && commands >= Writers) continue;
            if (args[i] == "--requests" && int.TryParse(value, out requests) && requests > 0) continue;
            if (args[i] == "--weeks" && int.TryParse(value, out weeks) && weeks is > 0 and < 500) continue;
            if (args[i] == "--pause" && int.TryParse(value, out pause) && pause >= 0) continue;
            return Wrong(Usage);
        }

        if (!File.Exists(Machine.Server)) return Wrong($"the server is not at {Machine.Server}; build the solution in this configuration.");
        Print($"* Machine: {Machine.Describe()}, load average (1 minute) {Machine.Load()}");
        var folder = Directory.CreateTempSubdirectory("backupguard-benchmark-").FullName;
        try
        {
            var definition = RunDefinition.Pin(await File.ReadAllTextAsync(Path.Combine(Books, Runbook + ".yaml")), Runbook + ".yaml").Value ?? throw new BenchmarkException("the shipped plan does not lint");
            var journal = Journal(definition, lines);
            Fold(journal);
            var data = Path.Combine(folder, "data");
            var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
            await PrepareAsync(data, journal, definition, password, weeks);
            var catalogue = Path.Combine(folder, "catalogue.yaml");
            await File.WriteAllTextAsync(catalogue, Catalogue());
            using (var server = EvidenceVerbs.Start("run", "--urls", "http://127.0.0.1:0", "--data", data, "--catalogue", catalogue, "--runbooks", Books))
            {
                try
                {
                    await AskAsync(await EvidenceVerbs.UrlAsync(server), definition, password, lines, commands, requests, pause);
                }
                finally
                {
                    using var stop = Process.Start("kill", ["-TERM", $"{server.Id}"]);
                    await server.WaitForExitAsync();
                }
            }

            await CountAsync(data, commands);
            Flush(folder);
            Print($"* Load average (1 minute) afterwards: {Machine.Load()}");
            return 0;
        }
        catch (BenchmarkException e)
        {
            Console.Error.WriteLine($"BackupGuard.Benchmarks: {e.Message}");
            return 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Books => Path.Combine(CrisisPackVerb.Root(), "runbooks");

    /// <summary>Ten weeks as the engine itself writes them: steps as far as they go, then what people note, with a correction now and then.</summary>
    private static List<RunEvent> Journal(RunDefinition definition, int lines)
    {
        var begin = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddDays(-70).ToUnixTimeSeconds());
        var (events, state, number) = (new List<RunEvent>(), RunState.Fold([]), 0);
        Do(new StartRun(RunMode.Exercise) { RunId = Old, CommandId = Old, Actor = Person(0), Now = begin, Annexes = [Duties(), Exercise()] });
        foreach (var step in definition.Runbook.Steps)
        {
            if (StepViews.Of(definition.Runbook, state, step, Now()).State != StepState.Ready) continue;
            Do(new StartStep(step.Id) { RunId = Old, CommandId = NextId(), Actor = Writer(), Now = Now(), Role = step.Role.Id });
            Do(new CompleteStep(step.Id) { RunId = Old, CommandId = NextId(), Actor = Writer(), Now = Now(), Role = step.Role.Id });
        }

        while (events.Count < lines)
        {
            var id = NextId();
            Do(number % 20 == 0 ? new CorrectEntry(events[^1].Seq, "Le nombre était faux : lire douze au lieu de deux.") { RunId = Old, CommandId = id, Actor = Writer(), Now = Now() }
                : new NoteEntry((EntryKind)(number % 4), $"Point {number} : les dossiers de l’étage {number % 9} sont tenus sur papier, relevé fait par l’équipe de {number % 24} h.") { RunId = Old, CommandId = id, Actor = Writer(), Now = Now() });
        }

        return events;

        string NextId() => string.Create(CultureInfo.InvariantCulture, $"c{++number}");
        Actor Writer() => Person(number % Writers);
        DateTimeOffset Now() => begin.AddMinutes(9.0 * number);
        void Do(RunCommand command)
        {
            IReadOnlyList<RunEvent> news = RunEngine.Decide(definition, state, command) switch
            {
                RunDecision.Accepted accepted => accepted.Events,
                RunDecision.Refused { Journal: { } line } => [line],
                var other => throw new BenchmarkException($"{command} gave {other}"),
            };
            events.AddRange(news);
            state = state.Then(news);
        }
    }

    private static Annex Duties()
    {
        var text = File.ReadAllText(Path.Combine(Books, "legal", "declarations.yaml"));
        var rows = ObligationFile.Parse(text, "declarations.yaml").Value ?? throw new BenchmarkException("the shipped duties do not parse");
        return new(ObligationLibrary.AnnexKind, rows.Id, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), text);
    }

    private static Annex Exercise()
    {
        var text = ExerciseSheet.Canonical(File.ReadAllText(Path.Combine(Books, "exercises", "debutant-decouverte-de-nuit.yaml")));
        return new(ExerciseOnDisk.AnnexKind, "debutant-decouverte-de-nuit", ExerciseSheet.Hash(text), text);
    }

    private static void Fold(List<RunEvent> journal)
    {
        var times = new List<double>();
        for (var i = 0; i < Folds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var state = RunState.Fold(journal);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (state.Seq != journal.Count) throw new BenchmarkException("the fold lost lines");
        }

        Print($"* Fold of {journal.Count} events: median **{Of(times, 50):0.0} ms**, slowest of {Folds} {times.Max():0.0} ms (aim: 50 ms)");
    }

    private static async Task PrepareAsync(string folder, List<RunEvent> journal, RunDefinition definition, string password, int weeks)
    {
        const int atOnce = 500;
        Directory.CreateDirectory(folder);
        await using var services = await DatabaseServices.OpenAsync(DataFolder.OpenOrCreate(folder), CancellationToken.None, s => s.AddAccess());
        await using (var scope = services.CreateAsyncScope())
        {
            var people = scope.ServiceProvider.GetRequiredService<PeopleDirectory>();
            for (var i = 0; i < Writers; i++) await people.AddAsync(Person(i).Id, Person(i).Name, ["administrateur"], password);
        }

        using var log = new EvidenceLog(services.GetRequiredService<DatabaseEngine>(), services.GetRequiredService<ServerIdentity>(), TimeProvider.System, NullLogger<EvidenceLog>.Instance);
        long? last = null;
        foreach (var batch in journal.Chunk(atOnce))
        {
            var entries = batch.Select(e => new NewEntry(RunJson.TypeOf(e), "", Encoding.UTF8.GetBytes(RunJson.Write(e)))).ToList();
            if (await log.AppendServerEntriesAsync(entries, new RunExpectation(Old, last)) is not AppendResult.Appended) throw new BenchmarkException("the journal was not taken");
            await foreach (var entry in log.ReadRunAsync(Old, (last ?? -1) + 1, CancellationToken.None)) last = entry.Sequence;
        }

        await ProveAsync(services, log, weeks);
        var began = Stopwatch.GetTimestamp();
        if ((await new RunJournal(log, new RunFeed(), Microsoft.Extensions.Logging.Abstractions.NullLogger<RunJournal>.Instance).LoadAsync(Old, CancellationToken.None))?.Events.Count != journal.Count) throw new BenchmarkException("the journal is not all there");
        Print($"* The same journal read from the log after a restart, each signature verified, and folded: {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s, once");
        await new RunJournal(log, new RunFeed(), Microsoft.Extensions.Logging.Abstractions.NullLogger<RunJournal>.Instance).StartAsync(definition, new StartRun(RunMode.Exercise) { RunId = Live, CommandId = Live, Actor = Person(0), Now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()) });
    }

    /// <summary>Each application verified and drilled once a week: what a hospital's log holds after so many weeks.</summary>
    private static async Task ProveAsync(IServiceProvider services, EvidenceLog log, int weeks)
    {
        const int atOnce = 1000;
        using var key = EvidenceKey.Generate();
        var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var agent = new AgentRow { KeyId = key.PublicKey.KeyId, Id = "mesure", PublicKey = key.PublicKey.Spki.ToArray(), EnrolledAt = now };
        await using (var scope = services.CreateAsyncScope())
        {
            var database = scope.ServiceProvider.GetRequiredService<ServerDatabase>();
            database.Agents.Add(agent);
            await database.SaveChangesAsync();
        }

        var (counter, previous, began) = (0L, (Hash256?)null, Stopwatch.GetTimestamp());
        foreach (var batch in Signed().Chunk(atOnce))
        {
            if (await log.AppendAgentEntriesAsync(agent, new EvidenceBatch(batch)) is not { } receipt || receipt.Entries.Any(e => e.Outcome != "accepted")) throw new BenchmarkException("evidence was not taken");
        }

        Print($"* {weeks} weeks of evidence, {counter} entries, {counter / 2} results: signed and taken in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");

        IEnumerable<SignedEntry> Signed()
        {
            for (var week = weeks - 1; week >= 0; week--)
            {
                for (var application = 0; application < Applications; application++)
                {
                    var (at, id) = (now.AddDays(-7 * week).AddHours(-1), string.Create(CultureInfo.InvariantCulture, $"app-{application}"));
                    foreach (var (type, document) in new[] { ("verify", Verification(at)), ("drill", Drill(id, at, fails: application % 50 == 7)) })
                    {
                        yield return Next(type + ".intent", id, at, "{}"u8.ToArray());
                        yield return Next(type + ".result", id, at, document, counter);
                    }
                }
            }
        }

        SignedEntry Next(string type, string application, DateTimeOffset at, byte[] payload, long? intent = null)
        {
            var entry = new EvidenceEntry
            {
                Origin = "agent:" + agent.Id, KeyId = agent.KeyId, Counter = ++counter, Previous = previous, Id = Guid.CreateVersion7(at), RecordedAt = at,
                Type = type, Application = application, Intent = intent, SoftwareVersion = "1.0.0", Payload = payload,
            }.Sign(key);
            previous = entry.Hash;
            return new SignedEntry(counter, Convert.ToBase64String(entry.Bytes.Span), Convert.ToBase64String(entry.Signature.Span));
        }
    }

    private static byte[] Verification(DateTimeOffset at) => JsonSerializer.SerializeToUtf8Bytes(
        new VerifyDocument { Repository = "restic:/srv/backup", Verdict = "proved", StartedAt = at, DurationSeconds = 12.5, Coverage = 1, Findings = [] }, DocumentJson.Default.VerifyDocument);

    private static byte[] Drill(string application, DateTimeOffset at, bool fails) => JsonSerializer.SerializeToUtf8Bytes(new DrillDocument
    {
        Drill = application + "-weekly", DefinitionHash = new string('a', 64), Application = application, Repository = "restic:/srv/backup", Verdict = fails ? "failed" : "proved", StartedAt = at, DurationSeconds = 600,
        MeasuredRtoSeconds = fails ? null : 600, MeasuredRpoSeconds = 3600, Files = 10, CleanedUp = true,
        Control = fails ? null : new NegativeControlDocument(true, [new ControlStepDocument("count", "10 entries deleted", "failed", "0 files")]),
    }, DocumentJson.Default.DrillDocument);

    private static string Catalogue()
    {
        var text = new StringBuilder("format: backupguard.catalogue/v1\nestablishment: CH de la mesure\ntimeZone: Europe/Paris\napplications:\n");
        for (var i = 0; i < Applications; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  - {{ id: app-{i}, name: Application {i}, nameEn: Application {i}, service: Service {i % 40}, vital: {(i % 5 == 0 ? "true" : "false")}, dmia: PT8H, mtpd: P1D, pdma: PT4H, ")
                .Append(i == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"dependsOn: [app-{i / 10}], ")).Append("owner: Équipe systèmes }\n");
        }

        return text.ToString();
    }

    private static async Task AskAsync(Uri url, RunDefinition definition, string password, int lines, int commands, int requests, int pause)
    {
        var people = new List<HttpClient>();
        for (var i = 0; i < Writers; i++) people.Add(await SignInAsync(url, Person(i).Id, password));
        Print($"* Pages with {Applications} applications and a run of {lines} lines, one reader, {requests} requests each after {WarmUps} to warm up (aim: 100 ms):");
        Print($"");
        Print($"| Page | p50 ms | p99 ms | slowest ms | KiB |");
        Print($"|---|---:|---:|---:|---:|");
        foreach (var (name, path) in Pages(definition)) await PageAsync(people[0], name, path, requests);
        Print($"");
        using var watching = new CancellationTokenSource();
        var seen = new int[Consoles];
        var consoles = Enumerable.Range(0, Consoles).Select(i => WatchAsync(people[i % Writers], seen, i, watching.Token)).ToList();
        while (seen.Any(s => s == 0)) await Task.WhenAny(Task.Delay(50), Task.WhenAny(consoles));
        await PostAllAsync(people, Writers * 20, 0, "warm");
        var paced = await PostAllAsync(people, commands / 2, pause, "paced");
        var rushed = await PostAllAsync(people, commands - commands / 2, 0, "rushed");
        // The last lines are on their way.
        await Task.Delay(500);
        await watching.CancelAsync();
        await Task.WhenAll(consoles);
        Tell(paced, $"a pause of {pause} ms after each answer");
        Tell(rushed, "the next one at once");
        Print($"* Those consoles were told of a new line {seen.Min()} to {seen.Max()} times each; lines written while one is told come together");
        people.ForEach(p => p.Dispose());

        void Tell((List<double> Times, double Seconds) what, string how) =>
            Print($"* {what.Times.Count} commands by {Writers} people, {how}, {Consoles} consoles live, SQLite: {what.Times.Count / what.Seconds:0} a second; post to answer p50 {Of(what.Times, 50):0.0} ms, **p99 {Of(what.Times, 99):0.0} ms**, slowest {what.Times.Max():0.0} ms (aim: 20 ms at p99)");
    }

    /// <summary>What each command waits for before anybody is told that it is there: the disk.</summary>
    private static void Flush(string folder)
    {
        using var file = File.OpenHandle(Path.Combine(folder, "flush"), FileMode.Create, FileAccess.Write);
        var (page, times) = (new byte[4096], new List<double>());
        for (var i = 0; i < 500; i++)
        {
            RandomAccess.Write(file, page, i * page.Length);
            var began = Stopwatch.GetTimestamp();
            RandomAccess.FlushToDisk(file);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Print($"* 4 KiB written and flushed to that disk: p50 {Of(times, 50):0.0} ms, p99 {Of(times, 99):0.0} ms, slowest {times.Max():0.0} ms");
    }

    private static IEnumerable<(string Name, string Path)> Pages(RunDefinition definition)
    {
        var steps = definition.Runbook.Steps;
        yield return ("portfolio", Urls.Portfolio);
        yield return ("application", Urls.Application("app-500"));
        yield return ("portfolio, page 10", Urls.Portfolio + "?page=10");
        yield return ("copies", Urls.Copies("app-500"));
        yield return ("tests", Urls.Tests);
        yield return ("calendar", Urls.Calendar);
        yield return ("report", Urls.Report);
        yield return ("runbooks", Urls.Runbooks);
        yield return ("plan cards", Urls.PlanCards(Runbook));
        yield return ("exercises", ExerciseUrls.All);
        yield return ("runbook", RunUrls.Runbook(Runbook));
        yield return ("run", RunUrls.Run(Old));
        yield return ("step", RunUrls.Step(Old, steps.First(s => s.Kind != StepKind.Decision).Id));
        if (steps.FirstOrDefault(s => s.Kind == StepKind.Decision) is { } decision) yield return ("decision", RunUrls.Step(Old, decision.Id));
        yield return ("log", RunUrls.Log(Old));
        yield return ("log, decisions", RunUrls.Log(Old) + "?montrer=decisions");
        yield return ("log, mine by number", RunUrls.Log(Old) + "?montrer=moi&tri=inscription");
        yield return ("log, its middle", RunUrls.Log(Old) + "?montrer=tout&avant=5000");
        yield return ("wall", RunUrls.Wall(Old));
        yield return ("hand-over", RunUrls.Handover(Old));
        yield return ("degraded", RunUrls.Degraded(Old));
        yield return ("declarations", ObligationUrls.Board(Old));
        yield return ("map", RunUrls.Map(Old));
        yield return ("cards", RunUrls.Cards(Old));
        yield return ("paper", RunUrls.Paper(Old));
        yield return ("amendment", RunUrls.Amendment(Old));
        yield return ("my card", RunUrls.MyCard(Old));
        yield return ("declaration", ObligationUrls.Duty(Old, "n1"));
        yield return ("facilitator", ExerciseUrls.Facilitate(Old));
        yield return ("observation", ExerciseUrls.Observe(Old));
        yield return ("RETEX", ExerciseUrls.Retex(Old));
        yield return ("exercise report", ExerciseUrls.Report(Old));
        yield return ("crisis pack", Urls.CrisisPack);
        yield return ("contacts", Urls.Contacts);
        yield return ("evidence", Urls.EvidenceList);
        yield return ("evidence entry", Urls.Evidence(5000));
    }

    private static async Task PageAsync(HttpClient reader, string name, string path, int requests)
    {
        var times = new List<double>();
        var size = 0;
        for (var i = -WarmUps; i < requests; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await reader.GetAsync(path);
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            if (answer.StatusCode != HttpStatusCode.OK) throw new BenchmarkException($"{path} answered {(int)answer.StatusCode}");
            if (i >= 0) times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            size = bytes.Length;
        }

        Print($"| {name} | {Of(times, 50):0.0} | {Of(times, 99):0.0} | {times.Max():0.0} | {size / 1024} |");
    }

    private static async Task WatchAsync(HttpClient console, int[] seen, int number, CancellationToken stop)
    {
        try
        {
            using var stream = new StreamReader(await console.GetStreamAsync(RunUrls.Feed(Live), stop));
            while (await stream.ReadLineAsync(stop) is { } line)
            {
                if (line == "event: ligne") seen[number]++;
            }

            throw new BenchmarkException("a console was cut off");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It was closed.
        }
    }

    private static async Task<(List<double> Times, double Seconds)> PostAllAsync(List<HttpClient> people, int commands, int pause, string round)
    {
        var began = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(people.Select((p, i) => PostAsync(p, i, commands / Writers, pause, round)));
        return ([.. times.SelectMany(t => t)], Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<List<double>> PostAsync(HttpClient person, int number, int count, int pause, string round)
    {
        var token = WebUtility.HtmlDecode(TokenField.Match(await person.GetStringAsync(RunUrls.Log(Live))).Groups[1].Value);
        var times = new List<double>();
        for (var i = 0; i < count; i++)
        {
            using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("commande", $"{round}-{number}-{i}"), new("type", "fait"), new("texte", $"{round} {number} {i} : lit 12 libre, relevé au téléphone.")]);
            var began = Stopwatch.GetTimestamp();
            using var answer = await person.PostAsync(RunUrls.Log(Live), form);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (answer.Headers.Location?.OriginalString != RunUrls.Log(Live)) throw new BenchmarkException($"a line was answered with {(int)answer.StatusCode} {answer.Headers.Location}");
            if (pause > 0) await Task.Delay(pause);
        }

        return times;
    }

    /// <summary>Every line that was answered is in the log.</summary>
    private static async Task CountAsync(string folder, int commands)
    {
        await using var services = await DatabaseServices.OpenAsync(DataFolder.OpenOrCreate(folder), CancellationToken.None);
        using var log = new EvidenceLog(services.GetRequiredService<DatabaseEngine>(), services.GetRequiredService<ServerIdentity>(), TimeProvider.System, NullLogger<EvidenceLog>.Instance);
        var run = await new RunJournal(log, new RunFeed(), Microsoft.Extensions.Logging.Abstractions.NullLogger<RunJournal>.Instance).LoadAsync(Live, CancellationToken.None);
        var noted = run?.Events.OfType<EntryNoted>().Count(e => !e.Text.StartsWith("warm ", StringComparison.Ordinal)) ?? 0;
        var asked = commands / 2 / Writers * Writers + (commands - commands / 2) / Writers * Writers;
        if (noted != asked) throw new BenchmarkException($"{asked} lines were answered and {noted} are in the log");
    }

    private static async Task<HttpClient> SignInAsync(Uri url, string name, string password)
    {
        var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = url };
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        var token = WebUtility.HtmlDecode(TokenField.Match(await browser.GetStringAsync(Urls.SignIn)).Groups[1].Value);
        using var answer = await browser.PostAsync(Urls.SignIn, new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("name", name), new("password", password)]));
        return answer.StatusCode == HttpStatusCode.Redirect ? browser : throw new BenchmarkException($"{name} could not sign in: {(int)answer.StatusCode}");
    }

    private static Actor Person(int number) => new($"personne-{number}", $"Personne {number}");

    private static double Of(IEnumerable<double> times, int percent)
    {
        var sorted = times.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(sorted.Count * percent / 100.0) - 1)];
    }

    private static int Wrong(string sentence)
    {
        Console.Error.WriteLine($"BackupGuard.Benchmarks: {sentence}");
        return 2;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex TokenField { get; }
}
