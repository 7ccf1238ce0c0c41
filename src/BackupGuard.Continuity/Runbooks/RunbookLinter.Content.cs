using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>What the file leaves open for those who will have to work with it. Warnings only: reality may have its reasons.</summary>
internal sealed partial class RunbookLinter
{
    // Usage of plain French for readers at level B1: fifteen to twenty words.
    private const int LongestSentence = 20;

    private static readonly char[] SentenceEnds = ['.', '!', '?', '…'];

    private void Content()
    {
        foreach (var leaf in lifecycle.Leaves)
        {
            NothingToDo(leaf);
        }

        LeftWithoutProof();

        foreach (var degraded in runbook.Degraded)
        {
            if (runbook.Targets is { RecoveryTime: { } target } targets && degraded.Replaces.Contains(targets.Application) && degraded.Sustainable < target)
            {
                Warning("BG3044", degraded.At, $"« {degraded.Id} » tient {Iso8601.Write(degraded.Sustainable.Value)}, et la cible de reprise de « {targets.Application} » est {Iso8601.Write(target)} : le papier cédera avant.",
                    $"“{degraded.Id}” holds {Iso8601.Write(degraded.Sustainable.Value)}, and the recovery target of “{targets.Application}” is {Iso8601.Write(target)}: paper will give way first.");
            }
        }

        // In a runbook of preparation the steps are those who prepare: what players do stands in the files of exercises.
        foreach (var inject in runbook.Injects.Where(i => i.Expect is null && runbook.Plan != "PREPARATION"))
        {
            Warning("BG3045", inject.To.At, "Message d’exercice sans réaction attendue (« expect ») : personne ne pourra dire s’il a été compris.", "Inject without an expected reaction (“expect”): nobody will be able to say whether it was understood.");
        }

        Sentences();
    }

    private void NothingToDo(StateDefinition leaf)
    {
        var around = lifecycle.Path(leaf.Id).ToList();
        var ways = lifecycle.TransitionsFrom(leaf.Id);
        if (leaf.Final || lifecycle.IsPause(leaf.Id) || around.Any(s => s.Activates.Count > 0 || worked.Contains(s.Id)) || counted.Contains(leaf.Id)
            || ways.Any(t => t.Guard is not null || t.Approvals is not null || t.Evidence.Count > 0 || t.ReasonRequired))
        {
            return;
        }

        Warning("BG3047", leaf.At, $"Dans l’état « {leaf.Id} » il n’y a rien à faire, à signer ni à noter. Donnez-lui une étape, ou retirez-le.", $"In the state “{leaf.Id}” there is nothing to do, to sign or to note. Give it a step, or take it away.");
    }

    /// <summary>Beyond such a state nobody comes back to ask.</summary>
    private void LeftWithoutProof()
    {
        var closing = lifecycle.Leaves.Where(l => l.Transitions.Any(t => lifecycle.Find(t.To.Id)?.Final == true)).Select(l => l.Id).ToHashSet();
        // A choice, a wait and another runbook leave their own trace, and a second person's mark is one too.
        foreach (var step in runbook.Steps.Where(s => closing.Contains(s.In.Id) && s is { Kind: StepKind.Manual or StepKind.Notify, Compensation: false, Verify: null, Countersign: null } && !s.Evidence.Any(e => e.Required)))
        {
            Warning("BG3046", step.At, $"« {step.Id} » ne demande aucune preuve, et l’état « {step.In.Id} » mène à la fin : il n’en resterait qu’une coche.", $"“{step.Id}” asks for no evidence, and the state “{step.In.Id}” leads to the end: only a tick would be left of it.");
        }
    }

    private void Sentences()
    {
        foreach (var (text, at) in runbook.Steps.SelectMany(Texts).Concat(runbook.Degraded.SelectMany(d => d.Do).Select(l => (l.Text, l.At))))
        {
            var longest = text.Split(SentenceEnds).Max(s => s.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Count(w => w.Any(char.IsLetterOrDigit)));
            if (longest > LongestSentence)
            {
                Warning("BG3069", at, $"Phrase de {longest} mots, {LongestSentence} au plus pour qu’elle se lise la nuit : coupez-la.", $"Sentence of {longest} words, at most {LongestSentence} to be read at night: cut it.");
            }
        }
    }

    private static IEnumerable<(string Text, Place At)> Texts(StepDefinition step) =>
    [
        (step.Title.Fr, step.At), (step.Question.Fr, step.At), (step.Why.Fr, step.At), (step.Otherwise.Fr, step.At),
        .. step.Do.Concat(step.ManualFallback).Select(l => (l.Text, l.At)),
    ];
}
