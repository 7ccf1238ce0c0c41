using System.Security.Claims;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using FluentAssertions;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>The runbooks that come with the product, and a run of one of them.</summary>
internal static class RunSample
{
    private static readonly Actor Anne = new("anne", "Anne Roy");

    public static string Root { get; } = Find();

    public static IReadOnlyList<RunbookOnDisk> Library { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "runbooks"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (Name: Path.GetRelativePath(Path.Combine(Root, "runbooks"), f), Text: File.ReadAllText(f)))
            .Where(f => f.Text.Contains("format: backupguard.runbook/v1", StringComparison.Ordinal))
            .Select(f => new RunbookOnDisk(f.Name, RunDefinition.Pin(f.Text, f.Name).Value, [])),
    ];

    public static RunbookOnDisk Book(string id) => Library.Single(b => b.Definition?.Runbook.Id == id);

    /// <summary>The parent plan, some minutes after the first call.</summary>
    public static JournaledRun Run(RunMode mode = RunMode.Live, string runbook = "plan-blanc-numerique")
    {
        var definition = Book(runbook).Definition!;
        var now = new DateTimeOffset(2026, 11, 22, 2, 10, 0, TimeSpan.Zero);
        var events = new List<RunEvent>();
        void Do(RunCommand command) => events.AddRange(RunEngine.Decide(definition, RunState.Fold(events), command).Should().BeOfType<RunDecision.Accepted>().Subject.Events);

        Do(new StartRun(mode) { RunId = "r-1", CommandId = "c0", Actor = Anne, Now = now });
        if (mode == RunMode.Live) Do(new ConfirmStart { RunId = "r-1", CommandId = "c9", Actor = new("bob", "Bob Petit"), Now = now.AddMinutes(1) });
        if (runbook == "plan-blanc-numerique")
        {
            Do(new RequestTransition("alerter") { RunId = "r-1", CommandId = "c1", Actor = Anne, Now = now.AddMinutes(2), Reason = "Écrans noirs", Evidence = new Dictionary<string, string> { ["prise-de-connaissance"] = "2026-11-22T02:05Z" } });
            Do(new StartStep("choisir-salle") { RunId = "r-1", CommandId = "c2", Actor = Anne, Now = now.AddMinutes(3), Role = "logistique" });
            Do(new CompleteStep("choisir-salle") { RunId = "r-1", CommandId = "c3", Actor = Anne, Now = now.AddMinutes(9), Role = "logistique", Evidence = new Dictionary<string, string> { ["salle"] = "Salle Garonne, 4411" } });
            Do(new StartStep("convoquer-cellule") { RunId = "r-1", CommandId = "c4", Actor = Anne, Now = now.AddMinutes(10), Role = "administrateur-garde" });
        }

        return new(definition, [.. events], RunState.Fold(events), events.Count);
    }

    public static RunView View(PageFrame frame, JournaledRun run, string path)
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, "anne"), new(ClaimTypes.Role, "administrateur")], "test"));
        var view = new RunView(frame, run, user, "k");
        return view with { Frame = frame with { Mode = view.Band(path) } };
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "BackupGuard.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The repository's root was not found.");
        }

        return folder.FullName;
    }
}
