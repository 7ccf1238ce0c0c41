using System.Diagnostics;
using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks.Guards;

/// <summary>A condition as a person reads it, with the names that its runbook gives to things. The same words on screens and on paper.</summary>
/// <param name="duration">How durations are written.</param>
/// <param name="time">How instants are written.</param>
public sealed class GuardWords(RunbookDefinition runbook, string language, Func<TimeSpan, string> duration, Func<DateTimeOffset, string> time)
{
    public string Of(Guard guard) => language == "en" ? Sentence(guard) : FrenchText.Set(Sentence(guard));

    /// <param name="name">As answers of guards give it, such as facts.seuil.</param>
    public string Of(string name) => name.Split('.') is [var root, .. var rest] ? Of(new GuardName(root, rest.Length > 0 && root != "eta" ? rest[0] : "", rest.Length > 1 ? rest[1] : "", 0)) : name;

    private string Of(GuardName name) => language == "en" ? Name(name) : FrenchText.Set(Name(name));

    private string Sentence(Guard guard) => guard switch
    {
        Guard.Or or => $"{Sentence(or.Left)} {Say("ou", "or")} {Sentence(or.Right)}",
        Guard.And and => $"{Inside(and.Left)} {Say("et", "and")} {Inside(and.Right)}",
        Guard.Not not => $"{Say("le contraire de", "the opposite of")} ({Sentence(not.Inner)})",
        Guard.Holds { Name: { Root: "eta", Aspect: "unknown" } } => Say("l’heure de retour est inconnue", "the hour of return is unknown"),
        Guard.Holds { Name: { Aspect: "unknown" } name } => Say($"on ne sait pas : {Name(name with { Aspect = "" })}", $"not known: {Name(name with { Aspect = "" })}"),
        Guard.Holds { Name: { Root: "steps" } name } => $"{Name(name)} {Aspect(name.Aspect)}",
        Guard.Holds holds => Name(holds.Name),
        Guard.Compare compare => $"{Value(compare.Left)} {Operator(compare.Operator)} {Value(compare.Right)}",
        _ => throw new UnreachableException(),
    };

    // "a and (b or c)" without its parentheses would be another condition.
    private string Inside(Guard guard) => guard is Guard.Or ? $"({Sentence(guard)})" : Sentence(guard);

    private string Value(Operand operand) => operand switch
    {
        Operand.Named named => Name(named.Name),
        Operand.Literal { Value: GuardValue.Truth truth } => truth.Value ? Say("oui", "yes") : Say("non", "no"),
        Operand.Literal { Value: GuardValue.Number number } => number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Operand.Literal { Value: GuardValue.Duration span } => duration(span.Value),
        Operand.Literal { Value: GuardValue.Instant instant } => time(instant.Value),
        Operand.Literal { Value: GuardValue.Text text } => Quoted(text.Value),
        _ => throw new UnreachableException(),
    };

    private string Name(GuardName name) => name.Root switch
    {
        "eta" => Say("le temps avant le retour annoncé", "the time until the announced return"),
        "steps" => Quoted(runbook.Step(name.Subject)?.Label.In(language) ?? name.Subject),
        "facts" => Quoted(runbook.Fact(name.Subject)?.Label.In(language) ?? name.Subject),
        "evidence" => Quoted(Evidence(name.Subject)),
        "clock" when name.Subject == "" => Say("l’heure qu’il est", "the present hour"),
        "clock" => Say($"le temps passé dans {Quoted(State(name.Subject))}", $"the time spent in {Quoted(State(name.Subject))}"),
        _ => name.ToString(),
    };

    private string State(string id) => runbook.Lifecycle.Find(id)?.Title.In(language) is { Length: > 0 } title ? title : id;

    private string Evidence(string id) => runbook.Steps.SelectMany(s => s.Evidence).Concat(runbook.Lifecycle.All.SelectMany(s => s.Transitions).SelectMany(t => t.Evidence))
        .FirstOrDefault(e => e.Id == id)?.Label.In(language) is { Length: > 0 } label ? label : id;

    private string Quoted(string text) => Say($"« {text} »", $"“{text}”");

    private string Operator(string word) => word switch
    {
        "==" => Say("est", "is"),
        "!=" => Say("n’est pas", "is not"),
        "<" => Say("est sous", "is below"),
        "<=" => Say("ne dépasse pas", "does not exceed"),
        ">" => Say("dépasse", "exceeds"),
        ">=" => Say("atteint", "reaches"),
        _ => throw new UnreachableException(),
    };

    private string Aspect(string aspect) => aspect switch
    {
        "done" => Say("faite", "done"),
        "finished" => Say("faite ou passée", "done or skipped"),
        "running" => Say("en cours", "running"),
        "failed" => Say("en échec", "failed"),
        "skipped" => Say("passée", "skipped"),
        _ => aspect,
    };

    private string Say(string fr, string en) => language == "en" ? en : fr;
}
