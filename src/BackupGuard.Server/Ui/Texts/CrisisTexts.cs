namespace BackupGuard.Server.Ui.Texts;

public static class CrisisTexts
{
    public static readonly Phrase Why = new("Pourquoi : {why}", "Why: {why}");
    public static readonly Phrase Otherwise = new("Si ça ne marche pas :", "If it does not work:");
    public static readonly Phrase Required = new("(obligatoire)", "(required)");
    public static readonly Phrase Done = new("Fait", "Done");
    public static readonly Phrase Problem = new("Problème", "Problem");
    public static readonly Phrase Help = new("J’ai besoin d’aide", "I need help");
    public static readonly Phrase Aside = new("Temps, visa, avancement", "Time, countersignature, progress");
    public static readonly Phrase Before = new("À finir avant", "To be done before");
    public static readonly Phrase NoTimeout = new("Cette heure ne décide de rien.", "This hour decides nothing by itself.");
    public static readonly Phrase Late = new("en retard", "late");
    public static readonly Phrase CounterSigns = new("Contresigne", "Countersigned by");
    public static readonly Phrase WhereAreWe = new("Où en sommes-nous : étape {position} sur {total}", "Where are we: step {position} of {total}");
    public static readonly Phrase Then = new("Ensuite : {next}", "Next: {next}");
    public static readonly Phrase AtKeyboard = new("Au clavier", "At the keyboard");
    public static readonly Phrase StepDone = new("{step} : faite", "{step}: done");
    public static readonly Phrase StepCurrent = new("{step} : en cours", "{step}: in progress");
    public static readonly Phrase StepToDo = new("{step} : à faire", "{step}: to do");
    public static readonly Phrase StepSkipped = new("{step} : passée", "{step}: skipped");

    public static readonly Plural Lines = new(new("{count} ligne, la plus récente d’abord", "{count} line, newest first"), new("{count} lignes, la plus récente d’abord", "{count} lines, newest first"));
    public static readonly Phrase LogEmpty = new("Aucune ligne encore.", "No line yet.");
    public static readonly Phrase Number = new("N°", "No.");
    public static readonly Phrase FactTime = new("Heure du fait", "Time of the fact");
    public static readonly Phrase Recorded = new("inscrit {time}", "recorded {time}");
    public static readonly Phrase Type = new("Type", "Type");
    public static readonly Phrase Who = new("Qui", "Who");
    public static readonly Phrase What = new("Quoi", "What");
    public static readonly Phrase Next = new("Suite", "Follow-up");
    public static readonly Phrase KindFact = new("Fait", "Fact");
    public static readonly Phrase KindDecision = new("Décision", "Decision");
    public static readonly Phrase KindAction = new("Action", "Action");
    public static readonly Phrase KindMessage = new("Message", "Message");
    public static readonly Phrase KindStep = new("Étape", "Step");
    public static readonly Phrase Caption = new("Main courante, heures locales ({zone})", "Crisis log, local time ({zone})");
}
