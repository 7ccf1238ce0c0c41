using System.Collections.Concurrent;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Ui.Errors;

/// <summary>A form that was not taken, as it came: nobody types a line twice because the server refused it. A browser does not bring back fields that it may not complete.</summary>
/// <param name="Address">Where it was sent.</param>
public sealed record WrittenForm(string Address, IReadOnlyList<(string Name, string Value)> Fields)
{
    public const string CommandField = "commande";

    /// <summary>Fields that a person fills in. Whatever else a form holds is sent again as it was and not shown.</summary>
    private static readonly Dictionary<string, Phrase> Labels = new(StringComparer.Ordinal)
    {
        ["texte"] = WrittenTexts.Text, ["heure"] = WrittenTexts.Hour, ["qui"] = WrittenTexts.Speaker, ["remarque"] = WrittenTexts.Remark, ["motif"] = WrittenTexts.Reason, ["valeur"] = WrittenTexts.Value,
        ["nom"] = WrittenTexts.Name, ["initiales"] = WrittenTexts.Initials, ["second"] = WrittenTexts.Second, ["preuve"] = WrittenTexts.Proof, ["interlocuteur"] = WrittenTexts.Contact, ["retard"] = WrittenTexts.Late,
        ["pilote"] = WrittenTexts.Owner, ["echeance"] = WrittenTexts.Due, ["papier"] = WrittenTexts.OnPaper, ["ressaisis"] = WrittenTexts.Reentered, ["retirees"] = WrittenTexts.Removed, ["carte"] = WrittenTexts.Card,
    };

    /// <summary>What people would miss. "" when only buttons and choices were sent.</summary>
    public IEnumerable<(string Name, Phrase Label, string About, string Value)> Typed => Fields.Where(f => LabelOf(f.Name) is not null).Select(f => (f.Name, LabelOf(f.Name)!, About(f.Name), f.Value)); // filtered before

    public IEnumerable<(string Name, string Value)> Rest => Fields.Where(f => LabelOf(f.Name) is null && f.Name != CommandField);

    public string Command => Fields.FirstOrDefault(f => f.Name == CommandField).Value ?? "";

    public bool HasWords => Typed.Any(f => f.Value.Length > 0);

    private static Phrase? LabelOf(string name) => name.StartsWith("preuve-", StringComparison.Ordinal) ? WrittenTexts.Evidence
        : name.StartsWith("voix-nom-", StringComparison.Ordinal) ? WrittenTexts.Voice
        : Labels.GetValueOrDefault(name);

    private static string About(string name) => name.LastIndexOf('-') is var at and > 0 ? name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..] : "";

    /// <summary>Remembers what a request brought, for the page that may have to give it back. Never for a form with a secret.</summary>
    public static void Keep(HttpContext context, IFormCollection form) => context.Items[typeof(WrittenForm)] = new WrittenForm(context.Request.Path,
        [.. form.Where(f => !f.Key.StartsWith("__", StringComparison.Ordinal)).SelectMany(f => f.Value, (f, value) => (f.Key, value ?? ""))]);

    /// <summary>The same for a request that reached no form of a run, as nobody is signed in: its words are read within the server's limits and go nowhere but back.</summary>
    /// <returns>False where there is nothing to give back.</returns>
    public static async Task<bool> KeepPostedAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || !context.Request.HasFormContentType || !context.Request.Path.StartsWithSegments("/conduites")) return false;
        try
        {
            Keep(context, await context.Request.ReadFormAsync(context.RequestAborted));
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException or IOException)
        {
            return false;
        }

        return Of(context)?.HasWords == true;
    }

    /// <returns>Null where no form came, or one that is not given back.</returns>
    public static WrittenForm? Of(HttpContext context) => context.Items[typeof(WrittenForm)] as WrittenForm;
}

/// <summary>Refused forms between the answer and the page that the browser asks for next: in memory, few, and each for its writer only.</summary>
internal sealed class WrittenForms
{
    private const int Most = 200;
    private const int LargestTotal = 8 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, (WrittenForm Form, string Person)> forms = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Id, int Size)> order = new();
    private int total;

    public void Keep(string id, string person, WrittenForm? form)
    {
        if (form is null || !form.HasWords)
        {
            return;
        }

        var size = form.Fields.Sum(f => f.Name.Length + f.Value.Length);
        forms[id] = (form, person);
        order.Enqueue((id, size));
        Interlocked.Add(ref total, size);
        while ((order.Count > Most || Volatile.Read(ref total) > LargestTotal) && order.TryDequeue(out var oldest))
        {
            forms.TryRemove(oldest.Id, out _);
            Interlocked.Add(ref total, -oldest.Size);
        }
    }

    /// <returns>Null after a restart, at another server, for another person, or when many others came since.</returns>
    public WrittenForm? Find(string id, string person) => forms.TryGetValue(id, out var kept) && kept.Person == person ? kept.Form : null;
}
