using Microsoft.AspNetCore.Components;

namespace BackupGuard.Server.Ui;

/// <summary>A part of a page: it is told who reads by the layout around it.</summary>
public abstract class ReaderComponent : ComponentBase
{
    [CascadingParameter]
    public required Reader Reader { get; set; }

    protected string Say(Phrase phrase, params (string Name, string Value)[] arguments) => Reader.Say(phrase, arguments);
}

/// <summary>A whole page.</summary>
public abstract class PageComponent : ComponentBase
{
    [Parameter, EditorRequired]
    public required PageFrame Frame { get; set; }

    protected Reader Reader => Frame.Reader;

    protected string Say(Phrase phrase, params (string Name, string Value)[] arguments) => Reader.Say(phrase, arguments);
}
