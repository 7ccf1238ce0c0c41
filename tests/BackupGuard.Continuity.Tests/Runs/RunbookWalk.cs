using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Tests.Runs;

/// <summary>Plays a runbook through the real engine with willing people of every role: they do the steps, set facts, decide, vote and ask for transitions.</summary>
/// <remarks>Seeded by the runbook's length, so that a run that finds no way finds none again.</remarks>
internal sealed class RunbookWalk
{
    private const int Runs = 60, Turns = 120;

    private readonly string yaml;
    private readonly Lifecycle lifecycle;
    private readonly Random random;
    private readonly HashSet<string> reached = new(StringComparer.Ordinal);

    // States from which a run that stood there went on to an end.
    private readonly HashSet<string> ended = new(StringComparer.Ordinal);

    public RunbookWalk(string yaml)
    {
        this.yaml = yaml;
        random = new Random(yaml.Length);
        lifecycle = new RunBench(yaml).Pinned.Runbook.Lifecycle;
        for (var run = 0; run < Runs && (Unreached().Any() || WithoutEnd().Any()); run++) Play();
    }

    public IEnumerable<string> Unreached() => lifecycle.Leaves.Select(l => l.Id).Except(reached);

    public IEnumerable<string> WithoutEnd() => lifecycle.Leaves.Select(l => l.Id).Except(ended);

    private void Play()
    {
        var bench = new RunBench(yaml);
        var visited = new HashSet<string>(StringComparer.Ordinal);
        for (var turn = 0; turn < Turns; turn++)
        {
            var state = bench.State.State;
            visited.Add(state);
            reached.Add(state);
            if (lifecycle.Find(state)!.Final)
            {
                ended.UnionWith(visited);
                return;
            }
            Work(bench);
            // Where nobody has been yet draws more than the way back.
            var open = lifecycle.TransitionsFrom(state).OrderBy(t => t.To.Id != Lifecycle.Previous && !reached.Contains(lifecycle.Leaf(t.To.Id)) ? 0 : 1).ThenBy(_ => random.Next()).ToList();
            foreach (var transition in open)
                if (Try(bench, transition)) break;
            // An hour, a day, a week, six weeks.
            bench.Now += TimeSpan.FromHours(Pick([1, 26, 200, 1000]));
        }
    }

    /// <summary>Whatever can be done now, by whom it falls to.</summary>
    private void Work(RunBench bench)
    {
        for (var again = true; again;)
        {
            again = false;
            foreach (var step in bench.Pinned.Runbook.Steps)
            {
                var view = bench.View(step.Id);
                if (!view.Active) continue;
                again |= view.State switch
                {
                    StepState.Ready or StepState.Running when step.Kind == StepKind.Decision => Decide(bench, step),
                    StepState.Ready or StepState.Running => Say(bench, new CompleteStep(step.Id) { RunId = "r1", CommandId = bench.NextId(), Actor = Person(step.Role.Id), Role = step.Role.Id, Now = bench.Now, Evidence = Given(step.Evidence) }),
                    StepState.ToVerify => Say(bench, new VerifyStep(step.Id, true, "") { RunId = "r1", CommandId = bench.NextId(), Actor = Second(step.Verify!.By.Id), Role = step.Verify.By.Id, Now = bench.Now }),
                    StepState.ToCountersign => Say(bench, new CountersignStep(step.Id) { RunId = "r1", CommandId = bench.NextId(), Actor = Second(step.Countersign!.Id), Role = step.Countersign.Id, Now = bench.Now }),
                    _ => false,
                };
            }
        }
    }

    private bool Decide(RunBench bench, StepDefinition step)
    {
        if (bench.State.Requests.Values.Any(r => r.Kind == RequestKind.Decision && r.Subject == step.Id)) return false;
        foreach (var option in step.Options.OrderBy(_ => random.Next()))
        {
            var id = bench.NextId();
            if (Say(bench, new ChooseOption(step.Id, option.Id, "Motif") { RunId = "r1", CommandId = id, Actor = Person(step.Role.Id), Role = step.Role.Id, Now = bench.Now, Evidence = Given(step.Evidence) }))
            {
                Vote(bench, id);
                return true;
            }
        }
        return false;
    }

    private bool Try(RunBench bench, TransitionDefinition transition)
    {
        var from = bench.State.Seq;
        foreach (var name in (transition.Guard?.Guard.Names() ?? []).Where(n => n.Root == "facts").Select(n => n.Subject).Distinct())
            if (bench.Pinned.Runbook.Fact(name) is { } fact && random.Next(4) > 0)
            {
                var by = fact.SetBy is [var first, ..] ? first.Id : "";
                Say(bench, new SetFact(name, ValueOf(fact.Type, fact.Values)) { RunId = "r1", CommandId = bench.NextId(), Actor = Person(by), Role = by, Now = bench.Now });
            }
        var role = transition.Approvals?.Roles[0].Id ?? bench.Pinned.Runbook.Roles[0].Id;
        var id = bench.NextId();
        if (!Say(bench, new RequestTransition(transition.Id) { RunId = "r1", CommandId = id, Actor = Person(role), Role = role, Now = bench.Now, Reason = "Motif", Evidence = Given(transition.Evidence) })) return false;
        Vote(bench, id);
        return bench.Journal.Any(e => e.Seq > from && e is TransitionCompleted);
    }

    private static void Vote(RunBench bench, string request)
    {
        // Two persons of each role are asked: a quorum of one role counts persons.
        for (var number = 0; number < 2; number++)
            foreach (var role in bench.State.Requests.GetValueOrDefault(request)?.Quorum.Roles ?? [])
                if (bench.State.Requests.ContainsKey(request))
                    Say(bench, new CastVote(request, true) { RunId = "r1", CommandId = bench.NextId(), Actor = number == 0 ? Person(role) : Second(role), Role = role, Now = bench.Now });
    }

    private static bool Say(RunBench bench, RunCommand command) => bench.Do(command) is RunDecision.Accepted;

    private static Actor Person(string role) => new("p-" + role, "Personne " + role);

    private static Actor Second(string role) => new("s-" + role, "Suppléant " + role);

    private int Pick(int[] values) => values[random.Next(values.Length)];

    private Dictionary<string, string> Given(IReadOnlyList<EvidenceDefinition> asked) => asked.ToDictionary(e => e.Id, e => ValueOf(e.Type, e.Values));

    private string ValueOf(string type, IReadOnlyList<string> values) => type switch
    {
        "truth" => random.Next(2) == 0 ? "true" : "false",
        "number" => Pick([0, 1, 50]).ToString(System.Globalization.CultureInfo.InvariantCulture),
        "duration" => "PT4H",
        "datetime" => "2026-11-22T03:12+01:00",
        "choice" => values[random.Next(values.Count)],
        _ => "vu",
    };
}
