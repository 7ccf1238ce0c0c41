using System.Globalization;

namespace BackupGuard.Verification.Drills.Engines.Sql;

/// <summary>Puts questions of kind sql and newest-date. The rules:</summary>
/// <remarks>
/// <list type="bullet">
/// <item>No row and NULL are Failed: nothing is there. More than one value is a question that cannot be judged: Inconclusive.</item>
/// <item>A date after the drill's start is Inconclusive, not good and not bad: one appointment, or one wrong digit, would otherwise hide for ever that nothing new arrives;
/// and the data may be right, only the question is not. It should ask for the newest date that is not in the future.</item>
/// <item>A date without an offset is read in the zone that the definition names, and never in a guessed one.</item>
/// </list>
/// </remarks>
public sealed class SqlProbes : IProbeRunner
{
    /// <summary>Name of the measure that <c>within</c> compares.</summary>
    public const string Value = "value";

    public bool CanRun(Probe probe) => probe is SqlQuestion;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var question = (SqlQuestion)probe;
        if (scene.Services.Find<ISqlService>(question.Place.Engine) is not { } service)
            return new ProbeAnswer(Verdict.Inconclusive, question.Place.Engine is { } name
                ? new($"no database named {name} was started before it", $"aucune base nommée {name} n’a été démarrée avant elle")
                : new("no database was started before it", "aucune base n’a été démarrée avant elle"));
        var answer = await service.AskAsync(question.Place.Database, question.Query, question.Timeout, cancellationToken);
        if (answer.Verdict != Verdict.Proved) return new ProbeAnswer(answer.Verdict, answer.Why);
        if (answer.Rows is []) return Answer.Wrong("the query gave no row", "la requête n’a rendu aucune ligne");
        if (answer.Rows is not [[var value]])
            return Answer.Unknown("the query gave more than one value; write one that gives one row of one column", "la requête a rendu plus d’une valeur ; écrivez-en une qui rende une ligne d’une colonne");
        if (value is null) return Answer.Wrong("the query gave NULL", "la requête a rendu NULL");
        return question switch
        {
            SqlProbe sql => Judge(sql, value, scene),
            NewestDateProbe newest => Judge(newest, value, scene),
            _ => throw new ArgumentException($"Not a question of SQL: {probe.Kind}.", nameof(probe)),
        };
    }

    /// <summary>The tables are emptied while the server runs; a question that even empty tables answer well sees them gone.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        if (scene.Services.Find<ISqlService>(((SqlQuestion)probe).Place.Engine) is not { } service) return null;
        await service.EmptyAsync(cancellationToken);
        if ((await RunAsync(probe, scene, cancellationToken)).Verdict == Verdict.Failed) return new("every table emptied", "toutes les tables vidées");
        await service.DropAsync(cancellationToken);
        return new("every table dropped", "toutes les tables supprimées");
    }

    private static ProbeAnswer Judge(SqlProbe probe, string text, ProbeScene scene)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return Answer.Unknown("the query gave no number, or one too large to compare", "la requête n’a pas rendu de nombre, ou un nombre trop grand pour être comparé");
        var (holds, expected) = probe.Expect.Judge(value, scene.LastProved(probe.Name, Value));
        var shown = value.ToString(CultureInfo.InvariantCulture);
        return new ProbeAnswer(holds ? Verdict.Proved : Verdict.Failed, new($"{shown}, expected {expected.English}", $"{shown}, attendu {expected.French}"))
        {
            Measures = new Dictionary<string, double> { [Value] = (double)value },
        };
    }

    private static ProbeAnswer Judge(NewestDateProbe probe, string text, ProbeScene scene)
    {
        if (BusinessDate.Parse(text, probe.Zone, out var needsZone) is not { } newest)
            return new ProbeAnswer(Verdict.Inconclusive, needsZone
                ? new("the date carries no offset from UTC; write timeZone and the zone that the application writes it in", "la date est sans décalage horaire ; écrivez timeZone et le fuseau dans lequel l’application l’écrit")
                : new("the query gave no date that can be read; have it give 2026-11-22 14:30:00 or the like", "la requête n’a pas rendu de date lisible ; faites-lui rendre 2026-11-22 14:30:00 ou semblable"));
        if (newest > scene.StartedAt)
            return new ProbeAnswer(Verdict.Inconclusive, new("the newest date lies after the drill began, so it does not show how old the data are; ask for the newest one that is not in the future",
                "la date la plus récente est postérieure au début de l’exercice et ne montre donc pas l’âge des données ; demandez la plus récente qui ne soit pas dans le futur"));
        var age = scene.StartedAt - newest;
        return new ProbeAnswer(age <= probe.MaxAge ? Verdict.Proved : Verdict.Failed, new(
            string.Create(CultureInfo.InvariantCulture, $"the newest date is {age.TotalHours:0.0} h old, at most {probe.MaxAge.TotalHours:0.##} h expected"),
            string.Create(CultureInfo.GetCultureInfo("fr-FR"), $"la date la plus récente a {age.TotalHours:0.0} h, au plus {probe.MaxAge.TotalHours:0.##} h attendues")))
        {
            NewestData = newest,
        };
    }
}
