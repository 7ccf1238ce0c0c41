using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BackupGuard.Server.Features.Access;

/// <summary>Creates people and the codes that let them in.</summary>
internal sealed class PeopleDirectory(UserManager<Person> people, RoleManager<IdentityRole> roles, ServerDatabase database, TimeProvider clock)
{
    public const string FirstAdministrator = "admin";

    public static readonly TimeSpan CodeValidFor = TimeSpan.FromMinutes(15);

    /// <exception cref="UsageException">The name is taken, or the password or a role does not do.</exception>
    public async Task<Person> AddAsync(string name, string displayName, IReadOnlyCollection<string> roleNames, string? password)
    {
        if (roleNames.FirstOrDefault(r => !Roles.IsWellFormed(r)) is { } bad)
        {
            throw new UsageException($"'{bad}' is not a role; write lower-case words with hyphens, such as {string.Join(", ", Roles.Known)}.");
        }
        await using var transaction = await database.Database.BeginTransactionAsync();
        var person = new Person { Id = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"), UserName = name, DisplayName = displayName };
        Demand(await (password is null ? people.CreateAsync(person) : people.CreateAsync(person, password)));
        foreach (var role in roleNames.Distinct())
        {
            if (!await roles.RoleExistsAsync(role))
            {
                Demand(await roles.CreateAsync(new IdentityRole(role)));
            }
            Demand(await people.AddToRoleAsync(person, role));
        }
        await transaction.CommitAsync();
        return person;
    }

    public Task<Person?> FindAsync(string name) => people.FindByNameAsync(name);

    /// <summary>True as long as nobody could have got in: no password was set and no code was used.</summary>
    public async Task<bool> NobodyCanSignInAsync(CancellationToken stop) =>
        !await database.People.AnyAsync(p => p.PasswordHash != null || p.LastSignedInAt != null, stop);

    /// <returns>The code; it is kept nowhere else.</returns>
    public async Task<string> IssueCodeAsync(Person person, CancellationToken stop)
    {
        var code = Secrets.Create();
        database.OneTimeCodes.Add(new OneTimeCode { Hash = Secrets.Hash(code), PersonId = person.Id, ExpiresAt = clock.GetUtcNow() + CodeValidFor });
        await database.SaveChangesAsync(stop);
        return code;
    }

    /// <summary>Consumes a code. One statement decides, so of two requests with the same code one wins.</summary>
    public async Task<Person?> RedeemAsync(string code, CancellationToken stop)
    {
        var hash = Secrets.Hash(code);
        var now = clock.GetUtcNow();
        var redeemed = await database.OneTimeCodes
            .Where(c => c.Hash == hash && c.UsedAt == null && c.ExpiresAt > now)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.UsedAt, (DateTimeOffset?)now), stop);
        if (redeemed == 0)
        {
            return null;
        }
        var personId = await database.OneTimeCodes.Where(c => c.Hash == hash).Select(c => c.PersonId).SingleAsync(stop);
        return await people.FindByIdAsync(personId);
    }

    private static void Demand(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new UsageException(string.Join(" ", result.Errors.Select(e => e.Description)));
        }
    }
}
