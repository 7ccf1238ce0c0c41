using System.Text.Json;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Features.Contacts;

/// <param name="Problems">Where there is one, nothing was taken.</param>
internal sealed record ImportAnswer(int Added, int Changed, IReadOnlyList<CsvProblem> Problems);

/// <summary>Keeps the directory in this server's own database: nothing is looked up elsewhere, and nothing of it is in the evidence log but how many there are.</summary>
internal sealed class ContactDirectory(ServerDatabase database, IEvidenceLog log, TimeProvider clock)
{
    /// <summary>Only counts: even a hash of so few and guessable data would keep what somebody may have removed.</summary>
    private const string Changed = "contacts.changed";

    public async Task<IReadOnlyList<Contact>> AllAsync(CancellationToken stop) =>
        [.. (await database.Contacts.AsNoTracking().ToListAsync(stop)).Select(Of).OrderBy(c => c.Kind).ThenBy(c => c.Name, StringComparer.InvariantCultureIgnoreCase).ThenBy(c => c.Id, StringComparer.Ordinal)];

    public async Task<Contact?> FindAsync(string id, CancellationToken stop) => await database.Contacts.AsNoTracking().FirstOrDefaultAsync(c => c.Id == id, stop) is { } row ? Of(row) : null;

    /// <summary>Adds it where its id is "", else changes the one with this id. Whether it was tested is not taken from <paramref name="contact"/>.</summary>
    /// <returns>What is wrong with it, or null when it was kept.</returns>
    public async Task<Phrase?> SaveAsync(Contact contact, CancellationToken stop)
    {
        if (contact.Problem() is { } problem) return problem;
        if (contact.Id.Length == 0)
        {
            if (await database.Contacts.CountAsync(stop) >= ContactsCsv.MaxContacts) return ContactTexts.TooManyContacts;
            database.Contacts.Add(RowOf(contact with { TestedAt = null, TestedBy = "" }));
        }
        else if (await database.Contacts.FirstOrDefaultAsync(c => c.Id == contact.Id, stop) is { } row)
        {
            Put(contact with { TestedAt = null, TestedBy = "" }, row);
        }
        else
        {
            return ContactTexts.Gone;
        }

        await CommitAsync(stop);
        return null;
    }

    public async Task<bool> RemoveAsync(string id, CancellationToken stop)
    {
        var removed = await database.Contacts.Where(c => c.Id == id).ExecuteDeleteAsync(stop) > 0;
        if (removed) await CommitAsync(stop);
        return removed;
    }

    /// <summary>Somebody reached them just now.</summary>
    public async Task<bool> TestedAsync(string id, string by, CancellationToken stop)
    {
        if (await database.Contacts.FirstOrDefaultAsync(c => c.Id == id, stop) is not { } row) return false;
        (row.TestedAt, row.TestedBy) = (clock.GetUtcNow(), by);
        await CommitAsync(stop);
        return true;
    }

    /// <summary>Adds and changes, by kind and name; who is not in the file stays. All of it or nothing.</summary>
    public async Task<ImportAnswer> ImportAsync(ReadOnlyMemory<byte> file, CancellationToken stop)
    {
        var (contacts, problems) = ContactsCsv.Read(file.Span, clock.GetUtcNow());
        if (problems.Count > 0) return new(0, 0, problems);
        var known = (await database.Contacts.ToListAsync(stop)).ToLookup(c => (c.Kind, c.Name));
        var added = 0;
        foreach (var contact in contacts)
        {
            switch (known[(ContactsCsv.WordOf(contact.Kind), contact.Name)].ToArray())
            {
                case []:
                    database.Contacts.Add(RowOf(contact));
                    added++;
                    break;
                case [var one]:
                    Put(contact, one);
                    break;
                default:
                    // Two people of one name: which of them the file means nobody can tell.
                    return new(0, 0, [new(0, ContactTexts.TwiceHere)]);
            }
        }

        if (known.Sum(g => g.Count()) + added > ContactsCsv.MaxContacts) return new(0, 0, [new(0, ContactTexts.TooManyContacts)]);
        await CommitAsync(stop);
        return new(added, contacts.Count - added, []);
    }

    private async Task CommitAsync(CancellationToken stop)
    {
        await database.SaveChangesAsync(stop);
        var now = clock.GetUtcNow();
        var all = await AllAsync(stop);
        await log.AppendServerEntryAsync(Changed, "", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, int> { ["contacts"] = all.Count, ["tested"] = all.Count(c => c.IsTested(now)) }));
    }

    /// <summary>A test was of these numbers: other numbers were never tested.</summary>
    private static void Put(Contact contact, ContactRow row)
    {
        var phones = string.Join('\n', contact.Phones);
        if (contact.TestedAt is not null || row.Phones != phones || row.OtherChannel != contact.OtherChannel) (row.TestedAt, row.TestedBy) = (contact.TestedAt, contact.TestedBy);
        (row.Kind, row.Name, row.Function, row.Roles, row.Phones) = (ContactsCsv.WordOf(contact.Kind), contact.Name, contact.Function, string.Join(' ', contact.Roles), phones);
        (row.OtherChannel, row.Reachable, row.Contract, row.Note) = (contact.OtherChannel, contact.Reachable, contact.Contract, contact.Note);
    }

    private ContactRow RowOf(Contact contact) => new()
    {
        Id = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"),
        Kind = ContactsCsv.WordOf(contact.Kind),
        Name = contact.Name,
        Function = contact.Function,
        Roles = string.Join(' ', contact.Roles),
        Phones = string.Join('\n', contact.Phones),
        OtherChannel = contact.OtherChannel,
        Reachable = contact.Reachable,
        Contract = contact.Contract,
        Note = contact.Note,
        TestedAt = contact.TestedAt,
        TestedBy = contact.TestedBy,
    };

    private static Contact Of(ContactRow row) => new(row.Id, ContactsCsv.KindOf(row.Kind) ?? ContactKind.Person, row.Name)
    {
        Function = row.Function,
        Roles = row.Roles.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Phones = row.Phones.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        OtherChannel = row.OtherChannel,
        Reachable = row.Reachable,
        Contract = row.Contract,
        Note = row.Note,
        TestedAt = row.TestedAt,
        TestedBy = row.TestedBy,
    };
}
