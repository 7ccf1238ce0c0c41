using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runbooks.Guards;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Runbooks;

public class GuardWordsTests
{
    private static readonly RunbookDefinition Biology = RunbookFile.Parse(RepositoryFiles.Read("runbooks/degrade/degrade-biologie.yaml"), "b.yaml").Value!;

    private static readonly RunbookDefinition Small = RunbookFile.Parse(RunbookFileTests.Small, "r.yaml").Value!;

    private static GuardWords Words(RunbookDefinition runbook, string language) => new(runbook, language, Iso8601.Write, t => t.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void A_sheet_says_in_words_when_it_proposes_to_start()
    {
        Words(Biology, "fr").Of(Biology.Degraded[0].StartWhen!.Guard).Should().Be("l’heure de retour est inconnue ou le temps avant le retour annoncé dépasse «\u00a0Seuil de déclenchement écrit par le service\u00a0»");
        Words(Biology, "en").Of(Biology.Degraded[0].StartWhen!.Guard).Should().Be("the hour of return is unknown or the time until the announced return exceeds “Starting threshold written by the unit”");
    }

    [Theory]
    [InlineData("steps.isoler.done and (facts.sain == true or facts.sain.unknown)", "«\u00a0Isoler\u00a0» faite et («\u00a0Point sain\u00a0» est oui ou on ne sait pas\u00a0: «\u00a0Point sain\u00a0»)")]
    [InlineData("not steps.isoler.running or clock.crise >= PT4H", "le contraire de («\u00a0Isoler\u00a0» en cours) ou le temps passé dans «\u00a0crise\u00a0» atteint PT4H")]
    [InlineData("evidence.heure < 2026-11-22T02:40Z and facts.n != 3 and facts.sain", "«\u00a0heure\u00a0» est sous 02:40 et «\u00a0n\u00a0» n’est pas 3 et «\u00a0Point sain\u00a0»")]
    [InlineData("clock <= 2026-11-22T02:40Z or backup.latest == 'hier'", "l’heure qu’il est ne dépasse pas 02:40 ou backup.latest est «\u00a0hier\u00a0»")]
    public void Every_part_of_the_language_has_words(string guard, string words) => Words(Small, "fr").Of(GuardParser.Parse(guard).Guard!).Should().Be(words);

    [Theory]
    [InlineData("facts.sain", "«\u00a0Point sain\u00a0»")]
    [InlineData("eta", "le temps avant le retour annoncé")]
    [InlineData("eta.unknown", "le temps avant le retour annoncé")]
    [InlineData("steps.isoler.done", "«\u00a0Isoler\u00a0»")]
    public void Names_in_an_answer_have_the_same_words(string name, string words) => Words(Small, "fr").Of(name).Should().Be(words);
}
