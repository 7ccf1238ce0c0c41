using System.Security.Cryptography;
using System.Text;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Ui.Errors;

namespace BackupGuard.Server.Features.Runs;

/// <summary>What every form of a run must be before anything looks at it: readable, and nothing in it cut away silently.</summary>
internal static class FormGuard
{
    /// <summary>Characters of one field.</summary>
    public const int LongestField = 2000;

    private const int LongestPlan = 512 * 1024;
    private const int LongestId = 200;

    /// <summary>Of an amendment: whole plans, and lists of steps.</summary>
    private static readonly string[] PlanFields = ["texte", "retirees"];

    /// <param name="plans">Whether a field may hold a whole plan.</param>
    public static TBuilder GuardForm<TBuilder>(this TBuilder forms, bool plans = false) where TBuilder : IEndpointConventionBuilder
    {
        forms.AddEndpointFilter(async (call, next) => await ReadAsync(call.HttpContext, plans) ?? await AnswerAsync(call, next));
        return forms;
    }

    /// <summary>
    /// An id for the command that this form is, sent by this person with these words: sent twice it is done once, and changed after
    /// going back in the browser, or sent by somebody else, it is another command. Nobody can choose it.
    /// </summary>
    /// <returns>"" when the form carries none.</returns>
    public static string CommandId(HttpContext context, IFormCollection form)
    {
        if (form[WrittenForm.CommandField].ToString() is not { Length: > 0 and <= LongestId })
        {
            return "";
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        Add(RunsFeature.ActorOf(context.User).Id);
        Add(context.Request.Path);
        foreach (var (name, values) in form.Where(f => !f.Key.StartsWith("__", StringComparison.Ordinal)).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            Add(name);
            Add(values.ToString());
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    /// <summary>Every answer that takes nothing says why, and gives back what was written.</summary>
    private static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        try
        {
            var answer = await next(call);
            return answer is IStatusCodeHttpResult { StatusCode: StatusCodes.Status404NotFound } ? ErrorPages.Of(call.HttpContext, ErrorKind.NoTarget) : answer;
        }
        // Before the command was decided the form asks the same store for the run, the person and the page.
        catch (Exception e) when (RunJournal.WhyUnwritten(e) is { } reason)
        {
            call.HttpContext.RequestServices.GetRequiredService<RunJournal>().NotWritten(e.GetType().Name, e.Message);
            return new NotRecorded(reason);
        }
    }

    /// <returns>Null when the form can be worked with.</returns>
    private static async ValueTask<object?> ReadAsync(HttpContext context, bool plans)
    {
        if (!context.Request.HasFormContentType)
        {
            return ErrorPages.Of(context, ErrorKind.Refused);
        }

        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return ErrorPages.Of(context, ErrorKind.Refused);
        }

        WrittenForm.Keep(context, form);
        foreach (var (name, values) in form)
        {
            var most = plans && PlanFields.Contains(name) ? LongestPlan : LongestField;
            var text = values.ToString();
            if (name.Length <= LongestId && text.Length > most && !name.StartsWith("__", StringComparison.Ordinal))
            {
                return ErrorPages.Of(context, ErrorKind.NotRecorded, TooLong(name, text.Length, most));
            }

            if (name.Contains('\0', StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal))
            {
                return ErrorPages.Of(context, ErrorKind.Refused);
            }
        }

        return null;
    }

    private static Ui.Phrase TooLong(string name, int length, int most) => new(
        $"Le champ «\u00a0{name}\u00a0» a {length} caractères\u00a0; {most} au plus. Raccourcissez-le, ou écrivez-le en plusieurs lignes.",
        $"The field “{name}” has {length} characters; at most {most}. Shorten it, or write it in several lines.");
}

/// <summary>A command that was not recorded, as a page that says why.</summary>
internal sealed class NotRecorded(Refusal reason) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => ErrorPages.Of(httpContext, reason.Code is "BG3292" or "BG3293" ? ErrorKind.StoreFails : ErrorKind.NotRecorded,
        new($"{reason.Fr} ({reason.Code})", $"{reason.En} ({reason.Code})")).ExecuteAsync(httpContext);
}
