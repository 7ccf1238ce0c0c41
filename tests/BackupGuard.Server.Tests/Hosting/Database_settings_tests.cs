using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Npgsql;
using Xunit;

namespace BackupGuard.Server.Tests.Hosting;

public sealed class Database_settings_tests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-db-").FullName;

    private DataFolder Data => DataFolder.OpenOrCreate(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Without_the_file_the_database_is_sqlite_in_the_data_folder()
    {
        using var engine = DatabaseEngine.Of(Data);

        engine.Place.Should().Be(Path.Combine(folder, "backupguard.db"));
    }

    [Fact]
    public void The_file_names_a_postgresql_database_and_its_password_is_in_a_file_of_its_own()
    {
        File.WriteAllText(Path.Combine(folder, "password"), "hunter2\nsecond line\n");
        Write($"# the cluster of the hospital\nHost = /run/postgresql\n\nDatabase=backupguard\nUsername=bg\nPasswordFile={folder}/password\n");

        var settings = DatabaseSettings.Read(Data)!; // the file is there

        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        (connection.Host, connection.Database, connection.Username, connection.Password).Should().Be(("/run/postgresql", "backupguard", "bg", "hunter2"));
        connection.Options.Should().Contain("synchronous_commit=on");
        connection.Timeout.Should().Be(5, "a person waits in front of the page");
        settings.Place.Should().Be("PostgreSQL database backupguard at /run/postgresql").And.NotContain("hunter2");
    }

    [Fact]
    public void Another_machine_must_prove_who_it_is()
    {
        Write("Host=db.example.org\nDatabase=backupguard\nUsername=bg\n");

        new NpgsqlConnectionStringBuilder(DatabaseSettings.Read(Data)!.ConnectionString).SslMode.Should().Be(SslMode.VerifyFull); // the file is there
    }

    [Theory]
    [InlineData("Host=db.example.org\nDatabase=b\nSSL Mode=Disable", "*VerifyFull*")]
    [InlineData("Host=db.example.org\nDatabase=b\nSSL Mode=Require", "*VerifyFull*")]
    [InlineData("Host=127.0.0.1,db.example.org\nDatabase=b\nSSL Mode=Allow", "*VerifyFull*")]
    [InlineData("Host=/run/postgresql\nDatabase=b\nNonsense=1", "*line 3: 'Nonsense'*")]
    [InlineData("Host=/run/postgresql\nDatabase=b\nPort=zero", "*line 3: 'Port'*")]
    [InlineData("Host=/run/postgresql\nDatabase", "*line 2: 'Database'*")]
    [InlineData("Host=/run/postgresql", "*no Host or no Database*")]
    [InlineData("Database=b", "*no Host or no Database*")]
    [InlineData("", "*no Host or no Database*")]
    public void What_cannot_be_followed_is_refused_with_its_place(string text, string sentence)
    {
        Write(text);

        FluentActions.Invoking(() => DatabaseSettings.Read(Data)).Should().Throw<UsageException>().WithMessage(sentence);
    }

    [Fact]
    public void A_password_that_others_may_read_is_refused_and_not_repeated()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        Write("Host=/run/postgresql\nDatabase=b\nPassword=hunter2");
        FluentActions.Invoking(() => DatabaseSettings.Read(Data)).Should().Throw<UsageException>().WithMessage("*chmod 600*").Which.Message.Should().NotContain("hunter2");

        File.SetUnixFileMode(Path.Combine(folder, DatabaseSettings.File), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        DatabaseSettings.Read(Data)!.ConnectionString.Should().Contain("hunter2"); // the file is there
    }

    [Fact]
    public void Two_databases_in_one_folder_are_refused_since_nobody_could_say_which_log_counts()
    {
        Write("Host=/run/postgresql\nDatabase=b");
        Data.CreateDatabaseFile();

        FluentActions.Invoking(() => DatabaseSettings.Read(Data)).Should().Throw<UsageException>().WithMessage("*holds both*");
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_one_sentence()
    {
        Write($"Host={folder}\nDatabase=b\nUsername=bg");

        var (exit, output, errors) = await ServerProcess.RunAsync(["fsck", "--data", folder]);

        exit.Should().Be(2);
        output.Should().BeEmpty();
        errors.Trim().Split('\n').Should().ContainSingle().Which.Should().StartWith("backupguard-server: ");
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(folder, DatabaseSettings.File), text);

    public sealed class OnPostgres
    {
        [Theory]
        [InlineData("fsync", "*fsync = off*")]
        [InlineData("full_page_writes", "*full_page_writes = off*")]
        public async Task A_server_that_could_lose_acknowledged_entries_is_refused(string setting, string sentence)
        {
            using var cluster = new PostgresCluster(null, setting + "=off");
            var folder = Directory.CreateTempSubdirectory("backupguard-db-").FullName;
            cluster.Configure(folder, "postgres");

            var act = async () => await DatabaseServices.OpenAsync(DataFolder.OpenOrCreate(folder), CancellationToken.None);

            await act.Should().ThrowAsync<UsageException>().WithMessage(sentence);
            Directory.Delete(folder, recursive: true);
        }

        [Fact]
        public void A_role_that_does_not_wait_for_the_disk_waits_for_it_here()
        {
            var folder = Directory.CreateTempSubdirectory("backupguard-db-").FullName;
            var database = PostgresCluster.Shared.CreateDatabase(withSchema: false);
            PostgresCluster.Shared.Execute($"ALTER DATABASE {database} SET synchronous_commit = off");
            PostgresCluster.Shared.Configure(folder, database);
            using (var engine = DatabaseEngine.Of(DataFolder.OpenOrCreate(folder)))
            {
                using var connection = engine.Open();
                connection.Scalar("SHOW synchronous_commit").Should().Be("on");
            }
            PostgresCluster.Shared.Execute($"DROP DATABASE {database} WITH (FORCE)");
            Directory.Delete(folder, recursive: true);
        }
    }
}
