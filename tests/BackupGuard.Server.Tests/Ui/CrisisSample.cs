using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Components;
using BackupGuard.Server.Ui.Layout;
using Microsoft.AspNetCore.Components;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>The parts of the crisis pages, put together as a page would.</summary>
internal sealed class CrisisSample : PageComponent
{
    [Parameter] public bool Exercise { get; set; }
    [Parameter] public bool Log { get; set; }

    protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
    {
        var mode = new ModeBandView(Exercise)
        {
            Links = [new NavLink("Ma carte", "/runs/1", Current: !Log), new NavLink("Main courante", "/runs/1/log", Log)],
            Clocks = [new BandClock("Alerte", "0 h 25"), new BandClock("Mode dégradé", "non")],
        };
        builder.OpenComponent<SiteLayout>(0);
        builder.AddComponentParameter(1, nameof(SiteLayout.Frame), Frame with { Mode = mode });
        builder.AddComponentParameter(2, nameof(SiteLayout.Title), "02-01 Débranchez les sauvegardes");
        builder.AddComponentParameter(3, nameof(SiteLayout.Crisis), true);
        builder.AddComponentParameter(4, nameof(SiteLayout.ChildContent), (RenderFragment)(inner =>
        {
            if (Log) LogPage(inner);
            else Card(inner);
        }));
        builder.CloseComponent();
    }

    private static void LogPage(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder inner)
    {
        inner.OpenElement(0, "main");
        inner.AddAttribute(1, "class", "page");
        inner.AddAttribute(2, "id", "contenu");
        inner.AddMarkupContent(3, "<h1>Main courante</h1>");
        inner.OpenComponent<LogBook>(4);
        inner.AddComponentParameter(5, nameof(LogBook.Lines), (IReadOnlyList<LogLine>)
        [
            new LogLine(3, Valmont.Now, Valmont.Now, LogLineKind.Decision, "F. Aubert, administrateur de garde", "Couper internet tout de suite.") { Next = "Revoir à 05:40" },
            new LogLine(2, Valmont.Now.AddMinutes(-20), Valmont.Now.AddMinutes(-7), LogLineKind.Fact, "J. Roussel, réseau", "Liaison du laboratoire débranchée."),
            new LogLine(1, Valmont.Now.AddMinutes(-30), Valmont.Now.AddMinutes(-30), LogLineKind.Step, "automatique", "02-01 Débranchez les sauvegardes : fait."),
        ]);
        inner.CloseComponent();
        inner.CloseElement();
    }

    private static void Card(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder inner)
    {
        inner.OpenComponent<StepCard>(0);
        inner.AddComponentParameter(1, nameof(StepCard.View), new StepCardView("02-01", "Débranchez les sauvegardes", "/runs/1/steps/1", "019a")
        {
            Run = "RB-02 Isolement d’urgence", Role = "Responsable sauvegardes", Why = "l’attaquant les détruit avant de chiffrer le reste.",
            Lines = [new StepLine("Prenez la clé du local B-014 au poste de sécurité.", Checked: true), new StepLine("Débranchez le câble bleu du serveur SAUV-1.")],
            Otherwise = "local fermé ? Éteignez le commutateur SW-SAUV, baie 3.",
            Fields = [new StepField("heure", "Heure du débranchement", Required: true)],
            DoneNote = "puis visa de Nadia Ferrand", DueAt = Valmont.Now.AddMinutes(7), Late = true, CounterSigner = "Nadia Ferrand, RSSI", Position = 2,
            Progress = [new StepPlace("Alerter", StepProgress.Done), new StepPlace("Isoler les sauvegardes", StepProgress.Current), new StepPlace("Geler les purges", StepProgress.ToDo), new StepPlace("Facultatif", StepProgress.Skipped)],
            Next = "02-02 Gelez les purges", Person = "Marc Tissier",
        });
        inner.CloseComponent();
    }
}
