using System.Globalization;
using System.Text;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Contacts;

public enum ContactKind { Person, Supplier, Authority }

public static class ContactKinds
{
    public static Phrase Name(this ContactKind kind) => kind switch
    {
        ContactKind.Person => ContactTexts.Person,
        ContactKind.Supplier => ContactTexts.Supplier,
        ContactKind.Authority => ContactTexts.Authority,
    };
}

/// <summary>One whom the crisis cell may have to reach without mail and without the intranet.</summary>
public sealed record Contact(string Id, ContactKind Kind, string Name)
{
    /// <summary>Numbers change quietly: what nobody dialled for so long is not known to work.</summary>
    public static readonly TimeSpan TestedFor = TimeSpan.FromDays(90);

    public const int MaxPhones = 6;

    /// <summary>What they do there.</summary>
    public string Function { get; init; } = "";

    /// <summary>Ids of the roles of runbooks that they hold.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>In order of use.</summary>
    public IReadOnlyList<string> Phones { get; init; } = [];

    /// <summary>Radio, fax, address, runner.</summary>
    public string OtherChannel { get; init; } = "";

    /// <summary>When they answer.</summary>
    public string Reachable { get; init; } = "";

    /// <summary>Reference of the contract, to be named on the phone.</summary>
    public string Contract { get; init; } = "";
    public string Note { get; init; } = "";
    public DateTimeOffset? TestedAt { get; init; }
    public string TestedBy { get; init; } = "";

    /// <summary>A test in the future is none: some clock was wrong.</summary>
    public bool IsTested(DateTimeOffset now) => TestedAt is { } at && at <= now && now - at < TestedFor;

    /// <returns>What is wrong with it, or null.</returns>
    public Phrase? Problem() => this switch
    {
        { Name: "" } => ContactTexts.NameMissing,
        _ when Fields.Any(f => f.Text.Length > f.Limit || f.Text.Any(char.IsControl)) => ContactTexts.TooLong,
        { Phones.Count: > MaxPhones } => ContactTexts.TooManyPhones,
        { Phones.Count: 0, OtherChannel: "" } => ContactTexts.NoChannel,
        _ when Roles.Count > 10 || Roles.Any(r => !Access.Roles.IsWellFormed(r)) => ContactTexts.BadRole,
        _ => null,
    };

    /// <summary>By name, function, role or contract; capitals and accents do not matter; every word must be found.</summary>
    public bool Matches(string search)
    {
        var text = Plain(string.Join(' ', [Name, Function, Contract, .. Roles]));
        return Plain(search).Split(' ', StringSplitOptions.RemoveEmptyEntries).All(w => text.Contains(w, StringComparison.Ordinal));
    }

    private IEnumerable<(string Text, int Limit)> Fields =>
        [(Name, 120), (Function, 120), (OtherChannel, 200), (Reachable, 200), (Contract, 120), (Note, 500), (TestedBy, 120), .. Phones.Select(p => (p, 40))];

    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark)) plain.Append(char.ToLowerInvariant(c));
        return plain.ToString();
    }
}
