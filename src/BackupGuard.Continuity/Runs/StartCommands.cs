namespace BackupGuard.Continuity.Runs;

internal static class StartCommands
{
    private static readonly string[] AnnexKinds = ["exercise", "obligations"];

    public static IEnumerable<Refusal> Confirm(RunTurn turn)
    {
        if (turn.Run.Confirmed)
        {
            return [];
        }

        if (turn.Run.Started!.Actor.Id == turn.Command.Actor.Id)
        {
            return [Refusals.SamePerson];
        }

        turn.Add(new StartConfirmed());
        return [];
    }

    public static IEnumerable<Refusal> Pin(RunTurn turn, Annex annex)
    {
        if (!AnnexKinds.Contains(annex.Kind) || annex.Text == "" || annex.Id == "" || annex.Sha256.Length != 64)
        {
            return [Refusals.BadCommand];
        }

        if (turn.Run.Annexes.GetValueOrDefault(annex.Kind)?.Sha256 != annex.Sha256)
        {
            turn.Add(new AnnexPinned(annex.Kind, annex.Id, annex.Sha256, annex.Text));
        }

        return [];
    }
}
