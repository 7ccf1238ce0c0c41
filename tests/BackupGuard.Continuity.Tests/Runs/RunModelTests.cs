using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BackupGuard.Continuity.Runs;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Runs.RunBench;

namespace BackupGuard.Continuity.Tests.Runs;

/// <summary>Random commands against a second, much simpler description of the same rules. The seed is in the message.</summary>
public class RunModelTests
{
    private static readonly Actor[] People = [Anne, Bob, Chloe];
    private static readonly string[] Roles = ["tech", "chef", "dir"];

    /// <summary>The trial runbook, told again as plain tables: which command is accepted where, and what it changes.</summary>
    private sealed class Model
    {
        public string State { get; private set; } = "s1";
        private string paused = "";
        private readonly Dictionary<string, (string Step, Actor? Doer)> steps = new() { ["a"] = ("ready", null), ["b"] = ("ready", null), ["d"] = ("ready", null) };
        private string? ok;
        private (string Id, List<(Actor Who, string Role)> Votes)? move;
        private (string Id, List<Actor> Votes, string Option)? choice;
        private readonly Dictionary<string, (string Id, Actor By)> skips = [];

        public string StepState(string id) => steps[id].Step;

        public string? Fact => ok;

        private bool Settled(string id) => steps[id].Step is "done" or "skipped";

        private bool CanTake(string id, string role) => role == "tech" && State == "s1" && steps[id].Step == "ready" && (id == "a" || Settled("a"));

        public bool Take(string id, Actor who, string role)
        {
            if (State == "s1" && steps[id] is { Step: "running" } s && s.Doer == who)
            {
                return true;
            }

            if (!CanTake(id, role))
            {
                return false;
            }

            steps[id] = ("running", who);
            return true;
        }

        public bool Finish(string id, Actor who, string role)
        {
            if (steps[id].Step is "done" or "to-verify" or "to-sign" && steps[id].Doer == who)
            {
                return true;
            }

            if (!CanTake(id, role) && !(role == "tech" && State == "s1" && steps[id].Step == "running"))
            {
                return false;
            }

            skips.Remove(id);
            starters[id] = steps[id].Step == "running" ? steps[id].Doer! : who;
            steps[id] = (id == "a" ? "done" : "to-verify", who);
            return true;
        }

        private readonly Dictionary<string, Actor> starters = [];

        public bool Check(Actor who, string role)
        {
            if (State != "s1" || steps["b"].Step != "to-verify" || role != "chef" || who == steps["b"].Doer || who == starters["b"])
            {
                return false;
            }

            steps["b"] = ("to-sign", steps["b"].Doer);
            return true;
        }

        public bool Sign(Actor who, string role)
        {
            if (State != "s1" || steps["b"].Step != "to-sign" || role != "dir" || who == steps["b"].Doer || who == starters["b"])
            {
                return false;
            }

            skips.Remove("b");
            steps["b"] = ("done", steps["b"].Doer);
            return true;
        }

        public bool Skip(string id, string command, Actor who)
        {
            if (State != "s1" || Settled(id) || skips.ContainsKey(id))
            {
                return false;
            }

            skips[id] = (command, who);
            return true;
        }

        public bool Pause(Actor who, string role, string command)
        {
            _ = who;
            if (State is not ("s1" or "s2") || pauses.Count > 0)
            {
                return false;
            }

            if (role != "dir")
            {
                pauses.Add(command);
                return true;
            }

            Enter("arret");
            return true;
        }

        private readonly List<string> pauses = [];

        private void Enter(string state)
        {
            paused = state == "arret" ? State : "";
            move = null;
            pauses.Clear();
            if (state != "arret")
            {
                choice = null;
                skips.Clear();
            }

            State = state;
        }

        public bool Resume()
        {
            if (State != "arret")
            {
                return false;
            }

            State = paused;
            paused = "";
            pauses.Clear();
            return true;
        }

        public bool Advance(Actor who, string role, string command)
        {
            if (State != "s1" || !Settled("b") || move is not null)
            {
                return false;
            }

            move = (command, role is "chef" or "dir" ? [(who, role)] : []);
            return true;
        }

        public bool Choose(string option, Actor who, string role, string command)
        {
            if (State != "s2" || role is not ("chef" or "dir") || steps["d"].Step != "ready" || choice is not null)
            {
                return false;
            }

            choice = (command, [who], option);
            return true;
        }

        public bool Vote(string request, Actor who, string role)
        {
            if (move is { } m && m.Id == request)
            {
                if (role is not ("chef" or "dir") || m.Votes.Any(v => v.Who == who))
                {
                    return false;
                }

                m.Votes.Add((who, role));
                if (m.Votes.Any(v => v.Role == "chef") && m.Votes.Any(v => v.Role == "dir"))
                {
                    Enter("s2");
                }

                return true;
            }

            if (choice is { } c && c.Id == request && State == "s2")
            {
                if (role is not ("chef" or "dir") || c.Votes.Contains(who))
                {
                    return false;
                }

                steps["d"] = ("done", who);
                ok = c.Option == "oui" ? "true" : "false";
                choice = null;
                return true;
            }

            if (pauses.Contains(request))
            {
                if (role != "dir")
                {
                    return false;
                }

                Enter("arret");
                return true;
            }

            if (skips.FirstOrDefault(s => s.Value.Id == request) is { Key: { } step } && State == "s1" && skips[step].By != who)
            {
                steps[step] = ("skipped", null);
                skips.Remove(step);
                return true;
            }

            return false;
        }

        private readonly Dictionary<string, Actor> holders = [];
        private readonly Dictionary<string, (string Id, Actor By)> offers = [];
        private readonly List<string> modules = [];

        public string? Holder(string role) => holders.GetValueOrDefault(role)?.Id;

        public int Modules => modules.Count;

        public bool Hold(string role, Actor who, string asRole)
        {
            if (State == "fin" || role != asRole || (holders.TryGetValue(role, out var by) && by != who))
            {
                return false;
            }

            holders[role] = who;
            return true;
        }

        public bool Hand(string role, Actor who, string asRole, string command)
        {
            if (State == "fin" || role != asRole || (holders.TryGetValue(role, out var by) && by != who) || offers.ContainsKey(role))
            {
                return false;
            }

            offers[role] = (command, who);
            return true;
        }

        public bool Accept(string offer, Actor who, string asRole)
        {
            if (State == "fin" || offers.FirstOrDefault(o => o.Value.Id == offer) is not { Key: { } role } || role != asRole || offers[role].By == who)
            {
                return false;
            }

            offers.Remove(role);
            holders[role] = who;
            return true;
        }

        private DateTimeOffset? back;
        private bool announced;

        public TimeSpan? Left(DateTimeOffset now) => back > now ? back - now : null;

        public bool Announce(DateTimeOffset? hour, string motive, string role, DateTimeOffset now)
        {
            if (State == "fin" || !Roles.Contains(role) || hour <= now || (announced && hour != back && motive == ""))
            {
                return false;
            }

            (back, announced) = (hour, true);
            return true;
        }

        public bool AddModule(string id)
        {
            if (State == "fin" || modules.Contains(id))
            {
                return false;
            }

            modules.Add(id);
            return true;
        }

        public bool End()
        {
            if (State != "s2" || ok != "true" || steps["d"].Step != "done")
            {
                return false;
            }

            Enter("fin");
            return true;
        }
    }

    [Fact]
    public void The_engine_and_the_reference_model_agree_on_every_command()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var ended = 0;
        var commands = 0L;
        var finals = new HashSet<string>();
        var wanted = long.Parse(Environment.GetEnvironmentVariable(CommandsVariable) ?? "200000", System.Globalization.CultureInfo.InvariantCulture);
        for (var game = 0; commands < wanted; game++)
        {
            var run = new RunBench(RunEngineTests.Checked);
            var model = new Model();
            var asked = new List<string> { "none" };
            for (var turn = 0; turn < 250 && model.State != "fin"; turn++, commands++)
            {
                run.Now = run.Now.AddMinutes(1);
                var (command, expected) = Random(run, model, random, asked);

                var decision = run.Do(command);
                if (expected && command is (SkipStep or RequestTransition or ChooseOption or OfferHandover))
                {
                    asked.Add(command.CommandId);
                }

                if (decision is RunDecision.Accepted != expected)
                {
                    Assert.Fail($"seed {seed} game {game} turn {turn}: {command.GetType().Name} as {command.Actor.Id} {command.Role} should {(expected ? "" : "not ")}be accepted; reasons {JsonSerializer.Serialize((decision as RunDecision.Refused)?.Reasons)}");
                }

                Agree(run.State.State, model.State);
                Agree(run.State.Facts.GetValueOrDefault("ok"), model.Fact);
                Agree(run.State.Modules.Count, model.Modules);
                Agree(run.State.Eta?.Left(run.Now), model.Left(run.Now));
                foreach (var id in new[] { "a", "b", "d" })
                {
                    Agree(Word(run.State.Steps.GetValueOrDefault(id)), model.StepState(id));
                }

                foreach (var role in Roles)
                {
                    Agree(run.State.Shifts.Holders.GetValueOrDefault(role)?.Actor.Id, model.Holder(role));
                }

                void Agree(object? engine, object? told)
                {
                    // A sentence for each of a million comparisons would be most of the time.
                    if (!Equals(engine, told))
                    {
                        Assert.Fail($"seed {seed} game {game} turn {turn} after {command.GetType().Name}: the engine says {engine}, the model {told}");
                    }
                }
            }

            finals.Add($"{model.State}/{model.StepState("a")}/{model.StepState("b")}/{model.StepState("d")}/{model.Fact}");
            ended += model.State == "fin" ? 1 : 0;
            ReplayAgrees(run);
        }

        ended.Should().BeGreaterThan(0, "a model that never reaches the end tests little: {0}", string.Join(" ", finals));
        finals.Should().HaveCountGreaterThan(5, "games end in many ways");
    }

    /// <summary>How many commands the model plays; a million takes half a minute and is run by hand before a release.</summary>
    private const string CommandsVariable = "BACKUPGUARD_MODEL_COMMANDS";

    private static (RunCommand Command, bool Expected) Random(RunBench run, Model model, Random random, List<string> asked)
    {
        var who = People[random.Next(3)];
        var role = Roles[random.Next(3)];
        var id = run.NextId();
        T With<T>(T command) where T : RunCommand => command with { RunId = "r1", CommandId = id, Actor = who, Role = role, Now = run.Now };
        var step = random.Next(2) == 0 ? "a" : "b";
        var request = asked[random.Next(Math.Max(0, asked.Count - 4), asked.Count)];
        (string, string)[] proof = step == "a" ? [("heure", "2026-11-22T02:40Z")] : [];
        var act = random.Next(19);
        // Mostly the fitting role, so that games get somewhere; often enough another one.
        role = random.Next(4) == 0 ? role : act switch { 0 or 1 or 2 => "tech", 3 or 6 or 9 => "chef", 4 or 10 or 13 or 14 => "dir", _ => Roles[random.Next(1, 3)] };
        switch (act)
        {
            case 0: return (With(run.Take(step)), model.Take(step, who, role));
            case 1 or 2: return (With(run.Done(step, proof)), model.Finish(step, who, role));
            case 3: return (With(new VerifyStep("b", true, "") { RunId = "", CommandId = "", Actor = who, Now = run.Now }), model.Check(who, role));
            case 4: return (With(new CountersignStep("b") { RunId = "", CommandId = "", Actor = who, Now = run.Now }), model.Sign(who, role));
            case 5: return (With(run.Skip(step, "Impossible")), model.Skip(step, id, who));
            case 6: return (With(run.Transition("avancer")), model.Advance(who, role, id));
            case 7 or 8: return (With(run.Vote(request)), model.Vote(request, who, role));
            case 9: var option = random.Next(6) > 0 ? "oui" : "non"; return (With(run.Choose("d", option, "Parce que")), model.Choose(option, who, role, id));
            case 10: return (With(run.Transition("pause")), model.Pause(who, role, id));
            case 11: return (With(run.Transition("repartir")), model.Resume());
            case 12: return (With(new TakeRole(step == "a" ? "dir" : "chef") { RunId = "", CommandId = "", Actor = who, Now = run.Now }), model.Hold(step == "a" ? "dir" : "chef", who, role));
            case 13: return (With(new OfferHandover("dir", "") { RunId = "", CommandId = "", Actor = who, Now = run.Now }), model.Hand("dir", who, role, id));
            case 14: return (With(new AcceptHandover(request) { RunId = "", CommandId = "", Actor = who, Now = run.Now }), model.Accept(request, who, role));
            case 15: var module = "m" + random.Next(3); return (With(new AddModule(module, "autre", "1", "h", "", "Touché aussi") { RunId = "", CommandId = "", Actor = who, Now = run.Now }), model.AddModule(module));
            case 16: return (With(new RaiseDeadlines([]) { RunId = "", CommandId = "", Actor = who, Now = run.Now }), true);
            case 17:
                DateTimeOffset? hour = random.Next(5) == 0 ? null : run.Now.AddMinutes(random.Next(-5, 90));
                var motive = random.Next(3) == 0 ? "" : "Disques remplacés";
                role = random.Next(6) == 0 ? "inconnu" : role;
                return (With(new AnnounceEta(hour, motive) { RunId = "", CommandId = "", Actor = who, Now = run.Now }), model.Announce(hour, motive, role, run.Now));
            default: return (With(run.Transition("finir")), model.End());
        }
    }

    private static string Word(StepRecord? record) => record?.State switch
    {
        null or StepState.Ready => "ready",
        StepState.Running => "running",
        StepState.ToVerify => "to-verify",
        StepState.ToCountersign => "to-sign",
        StepState.Done => "done",
        StepState.Skipped => "skipped",
        var other => other.ToString()!,
    };

    /// <summary>Through JSON and back, the journal tells the same story, line for line.</summary>
    private static void ReplayAgrees(RunBench run)
    {
        var again = run.Journal.Select(RunJson.Write).Select(RunJson.Read).ToList();

        again.Select(RunJson.Write).Should().Equal(run.Journal.Select(RunJson.Write));
        Snapshot(RunState.Fold(again)).Should().Be(Snapshot(run.State));
        RunState.Fold(again).Answers.Keys.Should().BeEquivalentTo(run.State.Answers.Keys);
    }

    public static TheoryData<string> EventTypes() =>
        [.. typeof(RunEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(RunEvent))).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void Every_kind_of_event_survives_json_and_has_a_stable_name(string name)
    {
        var type = typeof(RunEvent).Assembly.GetTypes().Single(t => t.Name == name);
        var constructor = type.GetConstructors().Single(c => c.GetParameters().Length != 1 || c.GetParameters()[0].ParameterType != type);
        var sample = (RunEvent)constructor.Invoke([.. constructor.GetParameters().Select(p => Sample(p.ParameterType))]) with
        {
            RunId = "r1", Seq = 7, CommandId = "c", Actor = Anne, Role = "chef", Paper = new("K7", 1, "Bob Petit", "BP"), OccurredAt = new(2027, 10, 31, 2, 30, 0, TimeSpan.FromHours(2)), RecordedAt = new(2027, 10, 31, 2, 30, 0, TimeSpan.FromHours(1)),
        };

        var json = RunJson.Write(sample);

        JsonNode.Parse(json)!["type"]!.GetValue<string>().Should().StartWith("run.").And.Be(RunJson.TypeOf(sample));
        RunJson.Read(json).Should().BeOfType(type).And.BeEquivalentTo(sample, o => o.RespectingRuntimeTypes());
        RunJson.Write(RunJson.Read(json)).Should().Be(json);
    }

    private static object Sample(Type type) => type switch
    {
        _ when type == typeof(string) => "texte « é »",
        _ when type == typeof(int) => 2,
        _ when type == typeof(bool) => true,
        _ when type.IsEnum => Enum.GetValues(type).GetValue(1)!,
        _ when type == typeof(Quorum) => new Quorum(2, ["chef"], true),
        _ when type == typeof(IReadOnlyDictionary<string, string>) => new Dictionary<string, string> { ["k"] = "v" },
        _ when type == typeof(IReadOnlyList<string>) => new[] { "x" },
        _ when type == typeof(long) => 12L,
        _ when type == typeof(EtaAnnouncement) => new EtaAnnouncement(new(2027, 10, 31, 2, 30, 0, TimeSpan.FromHours(1)), "texte « é »", Bob, "chef", new(2027, 10, 31, 2, 30, 0, TimeSpan.FromHours(2)), 12) { Run = "r0" },
        _ when type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?) => new DateTimeOffset(2027, 10, 31, 2, 30, 0, TimeSpan.FromHours(2)),
        _ when type == typeof(Actor) => Bob,
        _ when type == typeof(IReadOnlyList<PaperVoice>) => new[] { new PaperVoice("Bob", "chef") },
        _ when type == typeof(IReadOnlyList<Refusal>) => new[] { new Refusal("BG3201", "f", "e") },
        _ => throw new NotSupportedException(type.Name),
    };

    [Theory]
    [InlineData("""{"type":"run.step-started","step":"a","step":"b","attempt":1,"run":"r","seq":1,"commandId":"c","actor":{"id":"a","name":"A"},"role":"","occurredAt":"2026-11-22T02:00:00+00:00","recordedAt":"2026-11-22T02:00:00+00:00"}""")]
    [InlineData("""{"type":"run.step-started","step":"a","attempt":1,"more":1,"run":"r","seq":1,"commandId":"c","actor":{"id":"a","name":"A"},"role":"","occurredAt":"2026-11-22T02:00:00+00:00","recordedAt":"2026-11-22T02:00:00+00:00"}""")]
    [InlineData("""{"type":"run.step-started","step":"a","attempt":1,"run":"r","seq":1,"commandId":"c","role":"","occurredAt":"2026-11-22T02:00:00+00:00","recordedAt":"2026-11-22T02:00:00+00:00"}""")]
    [InlineData("""{"type":"run.unheard-of","run":"r"}""")]
    [InlineData("null")]
    public void Double_unknown_and_missing_members_are_refused(string json) =>
        FluentActions.Invoking(() => RunJson.Read(json)).Should().Throw<JsonException>();

    [Fact]
    public void Members_may_come_sorted_as_signed_bytes_are()
    {
        const string json = """{"actor":{"id":"a","name":"A"},"attempt":1,"commandId":"c","occurredAt":"2026-11-22T02:00:00+00:00","recordedAt":"2026-11-22T02:00:00+00:00","role":"","run":"r","seq":1,"step":"a","type":"run.step-started"}""";

        RunJson.Read(json).Should().BeOfType<StepStarted>().Which.Step.Should().Be("a");
        typeof(RunEvent).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false).Should().HaveCount(EventTypes().Count, "every event has a name");
    }
}
