using System.CommandLine;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Access;

internal static class AccountVerbs
{
    public static Command Create() => new("accounts", "People who sign in.") { Add(), OneTimeLogin() };

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "The name to sign in with." };
        var display = new Option<string?>("--display") { Description = "The name shown to others." };
        var roles = new Option<string>("--roles") { Description = "Roles, separated by commas.", DefaultValueFactory = _ => "lecteur" };
        var passwordFile = new Option<FileInfo?>("--password-file") { Description = "File whose first line is the password; otherwise BACKUPGUARD_PASSWORD, otherwise the person signs in with one-time codes only." };
        var data = CommandLine.DataOption();
        var verb = new Command("add", "Adds a person.") { name, display, roles, passwordFile, data };
        verb.SetAction((parsed, stop) => WithPeopleAsync(DataFolder.OpenOrCreate(parsed.GetRequiredValue(data)), async people =>
        {
            var person = await people.AddAsync(
                parsed.GetRequiredValue(name), parsed.GetValue(display) ?? parsed.GetRequiredValue(name),
                parsed.GetRequiredValue(roles).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                Password(parsed.GetValue(passwordFile)));
            Console.WriteLine($"{person.UserName} can sign in with the roles {parsed.GetRequiredValue(roles)}.");
        }, stop));
        return verb;
    }

    private static Command OneTimeLogin()
    {
        var name = new Option<string>("--name") { Description = "The person.", DefaultValueFactory = _ => PeopleDirectory.FirstAdministrator };
        var data = CommandLine.DataOption();
        var verb = new Command("one-time-login", "Prints a code that signs a person in once, within 15 minutes.") { name, data };
        verb.SetAction((parsed, stop) => WithPeopleAsync(DataFolder.OpenExisting(parsed.GetRequiredValue(data)), async people =>
        {
            var person = await people.FindAsync(parsed.GetRequiredValue(name))
                ?? throw new UsageException($"Nobody is called '{parsed.GetRequiredValue(name)}' here; accounts add creates a person.");
            Console.WriteLine(await people.IssueCodeAsync(person, stop));
        }, stop));
        return verb;
    }

    private static async Task<int> WithPeopleAsync(DataFolder data, Func<PeopleDirectory, Task> act, CancellationToken stop)
    {
        await using var provider = await DatabaseServices.OpenAsync(data, stop, services => services.AddAccess());
        await using var scope = provider.CreateAsyncScope();
        await act(scope.ServiceProvider.GetRequiredService<PeopleDirectory>());
        return 0;
    }

    private static string? Password(FileInfo? file)
    {
        if (file is null)
        {
            return Environment.GetEnvironmentVariable("BACKUPGUARD_PASSWORD") is { Length: > 0 } password ? password : null;
        }
        return File.ReadLines(file.FullName).FirstOrDefault() is { Length: > 0 } line
            ? line
            : throw new UsageException($"{file.FullName} holds no password on its first line.");
    }
}
