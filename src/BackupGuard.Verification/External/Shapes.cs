using System.Globalization;
using System.Text.Json;

namespace BackupGuard.Verification.External;

/// <summary>From a product's words to tests. Words that are not known are never a success.</summary>
internal static class Shapes
{
    public const string DeclaredSchema = "backupguard.external/v1";

    public static (IReadOnlyList<ExternalTest> Tests, bool IsPart) Read(ExternalProduct product, JsonElement root) => product switch
    {
        ExternalProduct.AwsBackup => Aws(root),
        ExternalProduct.VeeamSureBackup => Veeam(root),
        ExternalProduct.Rubrik => Rubrik(root),
        ExternalProduct.Declared => (Declared(root), false),
    };

    private static (IReadOnlyList<ExternalTest>, bool) Aws(JsonElement root)
    {
        if (Text(root, "RestoreJobId") is not null) return ([AwsJob(root)], false);
        if (!TryList(root, "RestoreJobs", out var jobs)) throw NotOf("the answer to describe-restore-job or list-restore-jobs", "la réponse à describe-restore-job ou list-restore-jobs");
        return ([.. Bounded(jobs).Select(AwsJob)], Text(root, "NextToken") is { Length: > 0 });
    }

    private static ExternalTest AwsJob(JsonElement job)
    {
        var subject = Text(job, "SourceResourceArn") ?? Text(job, "RecoveryPointArn") ?? Text(job, "RestoreJobId") ?? throw NotOf("a restore job", "une tâche de restauration");
        var tenant = Text(job, "AccountId") ?? Account(Text(job, "RecoveryPointArn"));
        var ended = Time(job, "CompletionDate");
        var (outcome, level, says) = (Text(job, "Status"), Text(job, "ValidationStatus")) switch
        {
            ("FAILED", _) => (ExternalOutcome.Failed, ExternalLevel.None, new Words("the restore job failed", "la tâche de restauration a échoué")),
            ("COMPLETED", "FAILED") => (ExternalOutcome.Failed, ExternalLevel.Application, new Words("the validation of what was restored failed", "la validation de ce qui a été restauré a échoué")),
            ("COMPLETED", "SUCCESSFUL") when ended is not null => (ExternalOutcome.Passed, ExternalLevel.Application, new Words("restored and validated", "restauré et validé")),
            ("COMPLETED", null) => (ExternalOutcome.NotTested, ExternalLevel.Restore, new Words("no validation was set: it was restored, and nothing was asked of it", "aucune validation n’a été renseignée : la restauration a eu lieu et rien n’a été vérifié")),
            ("COMPLETED", "TIMED_OUT") => (ExternalOutcome.Unfinished, ExternalLevel.Restore, new Words("its validation timed out", "sa validation a dépassé le délai")),
            ("COMPLETED", "VALIDATING") => (ExternalOutcome.Unfinished, ExternalLevel.Restore, new Words("its validation is running", "sa validation est en cours")),
            var (status, validation) => (ExternalOutcome.Unfinished, ExternalLevel.None, new Words($"status {status ?? "not set"}, validation {validation ?? "not set"}", $"état {status ?? "absent"}, validation {validation ?? "absente"}")),
        };
        return new ExternalTest(subject, outcome, level, Time(job, "CreationDate"), ended, Time(job, "RecoveryPointCreationDate"), tenant, says);
    }

    // arn:aws:backup:region:account:recovery-point:id
    private static string? Account(string? arn) => arn?.Split(':') is [_, _, _, _, { Length: 12 } account, ..] ? account : null;

    /// <summary>A session tells how its job ended, and neither which machines were started nor what was asked of them.</summary>
    private static (IReadOnlyList<ExternalTest>, bool) Veeam(JsonElement root)
    {
        if (!TryList(root, "data", out var sessions)) throw NotOf("the answer to GET /api/v1/sessions", "la réponse à GET /api/v1/sessions");
        var tests = Bounded(sessions).Where(s => Text(s, "sessionType") is { } type && type.StartsWith("SureBackup", StringComparison.OrdinalIgnoreCase)).Select(session =>
        {
            var (state, result) = (Text(session, "state"), session.TryGetProperty("result", out var r) && r.ValueKind == JsonValueKind.Object ? Text(r, "result") : null);
            var (outcome, says) = (state, result) switch
            {
                (_, "Failed") => (ExternalOutcome.Failed, new Words("the SureBackup job ended as Failed", "la tâche SureBackup s’est terminée en Failed")),
                ("Stopped", "Success" or "Warning") => (ExternalOutcome.NotTested, new Words($"a session ({result}) names no machine and no test; give the report's lines as a declared document", $"une session ({result}) ne nomme ni machine ni test ; donnez les lignes du rapport dans un document déclaré")),
                _ => (ExternalOutcome.Unfinished, new Words($"state {state ?? "not set"}, result {result ?? "not set"}", $"état {state ?? "absent"}, résultat {result ?? "absent"}")),
            };
            return new ExternalTest(Text(session, "name") ?? "SureBackup", outcome, ExternalLevel.None, Time(session, "creationTime"), Time(session, "endTime"), null, null, says);
        }).ToList();
        var isPart = root.TryGetProperty("pagination", out var pages) && pages.ValueKind == JsonValueKind.Object && Number(pages, "total") > Number(pages, "count");
        return (tests, isPart);
    }

    private static (IReadOnlyList<ExternalTest>, bool) Rubrik(JsonElement root)
    {
        if (TryList(root, "data", out var mounts))
        {
            return ([.. Bounded(mounts).Select(m => new ExternalTest(Text(m, "name") ?? Text(m, "vmId") ?? throw NotOf("a live mount", "un montage"),
                ReadsTrue(m, "isReady") ? ExternalOutcome.NotTested : ExternalOutcome.Unfinished, ReadsTrue(m, "isReady") ? ExternalLevel.Restore : ExternalLevel.None, Time(m, "createDate") ?? Time(m, "mountTimestamp"), null, Time(m, "snapshotDate"), Text(m, "clusterId"),
                ReadsTrue(m, "isReady") ? new Words("a live mount shows that it can be mounted: nothing was asked of it", "un montage montre qu’il peut être monté : rien n’a été vérifié") : new Words("the live mount is not ready", "le montage n’est pas prêt")))], ReadsTrue(root, "hasMore"));
        }
        if (!root.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("activitySeriesConnection", out var series) || series.ValueKind != JsonValueKind.Object)
            throw NotOf("the answer to activitySeriesConnection or to a list of live mounts", "la réponse à activitySeriesConnection ou une liste de montages");
        var nodes = TryList(series, "edges", out var edges) ? Bounded(edges).Select(e => e.TryGetProperty("node", out var n) ? n : throw NotOf("a list of activity series", "une liste d’activités"))
            : TryList(series, "nodes", out var bare) ? Bounded(bare) : throw NotOf("a list of activity series", "une liste d’activités");
        var tests = nodes.Where(n => n.ValueKind == JsonValueKind.Object && string.Equals(Text(n, "lastActivityType"), "recovery", StringComparison.OrdinalIgnoreCase)).Select(n =>
        {
            var status = Text(n, "lastActivityStatus");
            var (outcome, says) = status?.ToUpperInvariant() switch
            {
                "SUCCESS" or "SUCCEEDED" => (ExternalOutcome.NotTested, new Words("it was recovered, and nothing was asked of it", "la restauration a abouti et rien n’a été vérifié")),
                "FAILURE" or "FAILED" => (ExternalOutcome.Failed, new Words("the recovery failed", "la restauration a échoué")),
                _ => (ExternalOutcome.Unfinished, new Words($"status {status ?? "not set"}", $"état {status ?? "absent"}")),
            };
            var cluster = n.TryGetProperty("cluster", out var c) && c.ValueKind == JsonValueKind.Object ? Text(c, "id") : null;
            return new ExternalTest(Text(n, "objectName") ?? throw NotOf("an activity with its object", "une activité avec son objet"), outcome, outcome == ExternalOutcome.NotTested ? ExternalLevel.Restore : ExternalLevel.None, Time(n, "startTime"), Time(n, "lastUpdated"), null, cluster ?? Text(n, "clusterUuid"), says);
        }).ToList();
        return (tests, series.TryGetProperty("pageInfo", out var page) && page.ValueKind == JsonValueKind.Object && ReadsTrue(page, "hasNextPage"));
    }

    private static List<ExternalTest> Declared(JsonElement root)
    {
        Only(root, ["schema", "product", "tenant", "tests"]);
        if (Text(root, "schema") != DeclaredSchema || !TryList(root, "tests", out var tests)) throw NotOf($"a document of the schema {DeclaredSchema}", $"un document du schéma {DeclaredSchema}");
        var tenant = Text(root, "tenant") ?? throw new ExternalShape(new("it has no tenant", "il n’a pas de tenant"));
        return [.. Bounded(tests).Select(test =>
        {
            Only(test, ["subject", "outcome", "level", "startedAt", "endedAt", "restorePoint", "says"]);
            var (level, ended) = (Level(Text(test, "level")), Time(test, "endedAt"));
            var says = Text(test, "says") ?? "";
            var outcome = Text(test, "outcome") switch
            {
                "failed" => ExternalOutcome.Failed,
                "unfinished" => ExternalOutcome.Unfinished,
                "not-tested" => ExternalOutcome.NotTested,
                "passed" when ended is null => ExternalOutcome.Unfinished,
                "passed" when level is ExternalLevel.None or ExternalLevel.Restore => ExternalOutcome.NotTested,
                "passed" => ExternalOutcome.Passed,
                _ => throw new ExternalShape(new("an outcome is none of passed, failed, not-tested, unfinished", "un outcome n’est ni passed, ni failed, ni not-tested, ni unfinished")),
            };
            var words = outcome switch
            {
                ExternalOutcome.NotTested when says.Length == 0 => new Words("nothing was asked of what was restored", "rien n’a été vérifié de ce qui a été restauré"),
                ExternalOutcome.Unfinished when says.Length == 0 => new Words("when it ended is not said", "la fin n’est pas indiquée"),
                _ when says.Length == 0 => new Words("the document gives no reason", "le document ne donne pas de motif"),
                _ => new Words(says, says),
            };
            return new ExternalTest(Text(test, "subject") ?? throw new ExternalShape(new("a test has no subject", "un test n’a pas de subject")), outcome, level, Time(test, "startedAt"), ended, Time(test, "restorePoint"), tenant, words);
        })];
    }

    private static ExternalLevel Level(string? word) => word switch
    {
        null or "none" => ExternalLevel.None,
        "restore" => ExternalLevel.Restore,
        "boot" => ExternalLevel.Boot,
        "application" => ExternalLevel.Application,
        _ => throw new ExternalShape(new("a level is none of none, restore, boot, application", "un level n’est ni none, ni restore, ni boot, ni application")),
    };

    private static void Only(JsonElement element, string[] members)
    {
        if (element.ValueKind != JsonValueKind.Object) throw NotOf($"a document of the schema {DeclaredSchema}", $"un document du schéma {DeclaredSchema}");
        foreach (var member in element.EnumerateObject())
            if (!members.Contains(member.Name)) throw new ExternalShape(new($"it has a member \"{Short(member.Name)}\", which the schema does not know", $"il a un membre « {Short(member.Name)} » que le schéma ne connaît pas"));
    }

    private static IEnumerable<JsonElement> Bounded(JsonElement list)
    {
        if (list.GetArrayLength() > ExternalReports.MostTests) throw new ExternalShape(new($"it has more than {ExternalReports.MostTests} results", $"il a plus de {ExternalReports.MostTests} résultats"));
        foreach (var item in list.EnumerateArray())
            yield return item.ValueKind == JsonValueKind.Object ? item : throw new ExternalShape(new("a result is no object", "un résultat n’est pas un objet"));
    }

    private static bool TryList(JsonElement element, string name, out JsonElement list)
    {
        list = default;
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out list) && list.ValueKind == JsonValueKind.Array;
    }

    private static string? Text(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.String) throw new ExternalShape(new($"{name} is no text", $"{name} n’est pas un texte"));
        try
        {
            // Kept, shown and hashed into evidence: no control characters, no endless names.
            return value.GetString() is { Length: > 0 } text ? Short(text) : null;
        }
        catch (InvalidOperationException)
        {
            throw new ExternalShape(new($"{name} is not valid Unicode", $"{name} n’est pas de l’Unicode valide"));
        }
    }

    private static long Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;

    private static bool ReadsTrue(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>An instant with its offset, or seconds since 1970 as AWS sends them. A time without offset is nobody's.</summary>
    private static DateTimeOffset? Time(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253402300800) return DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        string[] forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        if (value.ValueKind == JsonValueKind.String && Text(element, name) is { } text && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > "yyyy-MM-ddT".Length)
            && DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)) return at.ToUniversalTime();
        throw new ExternalShape(new($"{name} is no instant with its offset", $"{name} n’est pas un instant avec son décalage horaire"));
    }

    private static string Short(string text) => Printable.Of(text.Length > 300 ? text[..300] : text);

    private static ExternalShape NotOf(string what, string quoi) => new(new Words($"it is not {what}", $"ce n’est pas {quoi}"));
}
