using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Verification.Drills.Engines.SqlServer;

/// <summary>What is said to SQL Server. Nothing here looks at an answer.</summary>
/// <remarks>
/// Each statement travels as hexadecimal: sqlcmd reads a line that begins with GO, :r or !! and the text $(name) as orders to itself, wherever they stand, and a file's name may hold them.
/// Inside the statement names from a backup's headers are literals with doubled quotes; those with control characters are refused.
/// </remarks>
internal static class SqlServerStatements
{
    /// <summary>Databases of ours are called this and 32 hexadecimal digits; no other is ever dropped.</summary>
    public const string Prefix = "BackupGuardDrill_";

    public static string NewDatabase() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public static bool IsOurs(string database) =>
        database.Length == Prefix.Length + 32 && database.StartsWith(Prefix, StringComparison.Ordinal) && database[Prefix.Length..].All(char.IsAsciiHexDigitLower);

    /// <summary>One line of orders: a mark, the statement, and a mark with its error number and row count.</summary>
    /// <param name="rolledBack">In a transaction that is rolled back. RESTORE, DBCC and ALTER DATABASE refuse to be in one.</param>
    public static string Batch(string mark, string database, string statement, bool rolledBack = false) => string.Create(CultureInfo.InvariantCulture,
        $"SET NOCOUNT ON; SET LANGUAGE us_english; DECLARE @s nvarchar(max), @c int, @e int, @r bigint; SET @s = CONVERT(nvarchar(max), 0x{Convert.ToHexString(Encoding.Unicode.GetBytes(statement))}); SELECT '{mark} begin'; " +
        $"{(rolledBack ? "BEGIN TRANSACTION; " : "")}EXEC @c = {Name(database)}.sys.sp_executesql @s; SELECT @e = @@ERROR, @r = @@ROWCOUNT; " +
        $"SELECT '{mark} end ' + CAST(CASE WHEN @c <> 0 THEN @c ELSE @e END AS varchar(12)) + ' ' + CAST(@r AS varchar(20));{(rolledBack ? " IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;" : "")}");

    /// <summary>The release, and under which names the instance knows itself, in hexadecimal.</summary>
    public static readonly string Identity = $"""
        SELECT 'version ' + CONVERT(varchar(128), SERVERPROPERTY('ProductVersion'));
        SELECT 'name ' + {Hex("CONVERT(nvarchar(128), SERVERPROPERTY('ServerName'))")};
        SELECT 'name ' + {Hex("@@SERVERNAME")};
        """;

    public static string Headers(string file) => $"RESTORE HEADERONLY FROM DISK = {Text(file)} WITH NOUNLOAD;";

    public static string Files(string file, int set) => string.Create(CultureInfo.InvariantCulture, $"RESTORE FILELISTONLY FROM DISK = {Text(file)} WITH FILE = {set}, NOUNLOAD;");

    public static string Verify(string file, BackupSet set) =>
        string.Create(CultureInfo.InvariantCulture, $"RESTORE VERIFYONLY FROM DISK = {Text(file)} WITH FILE = {set.Position}, {Checksum(set)}NOUNLOAD;");

    /// <summary>Under our name, into our folder, over nothing: without REPLACE the server refuses a name or a file that is there. Only the owner and administrators get in.</summary>
    public static string Restore(string database, string file, BackupSet set, IReadOnlyList<BackupFile> files, string folder) => string.Create(CultureInfo.InvariantCulture,
        $"RESTORE DATABASE {Name(database)} FROM DISK = {Text(file)} WITH FILE = {set.Position}, {string.Concat(files.Select((f, i) => $"MOVE {Text(f.LogicalName)} TO {Text(Below(folder, string.Create(CultureInfo.InvariantCulture, $"{database}_{i}{f.Extension}")))}, "))}{Checksum(set)}RESTRICTED_USER, NOUNLOAD;");

    public static string State(string database) => $"SELECT 'state ' + CONVERT(varchar(60), ISNULL(DATABASEPROPERTYEX({Text(database)}, 'Status'), 'NONE'));";

    /// <summary>Without informational messages a clean database is one about which nothing is said. So the server's own note of the last good check is asked for, where it keeps one (2016 SP2).</summary>
    public static string Check(string database) => $"""
        DECLARE @before datetime, @good datetime;
        SET @before = DATEADD(second, -1, GETDATE());
        DBCC CHECKDB ({Text(database)}) WITH NO_INFOMSGS, ALL_ERRORMSGS;
        SET @good = CONVERT(datetime, DATABASEPROPERTYEX({Text(database)}, 'LastGoodCheckDbTime'));
        SELECT 'good ' + CASE WHEN @good IS NULL THEN 'unknown' WHEN @good >= @before THEN 'yes' ELSE 'no' END;
        """;

    /// <summary>Each table's name, in hexadecimal, and its rows; then how many tables there are. A table that lies elsewhere (PolyBase) is not asked.</summary>
    public static readonly string CountRows = OfEachTable($"""
        BEGIN TRY
        SET @q = N'SELECT @c = COUNT_BIG(*) FROM ' + @n; EXEC sys.sp_executesql @q, N'@c bigint OUTPUT', @c = @c OUTPUT;
        SELECT 'table ' + {Hex("@n")} + ' ' + CAST(@c AS varchar(20));
        END TRY BEGIN CATCH SELECT 'bad ' + {Hex("@n")} + ' ' + CAST(ERROR_NUMBER() AS varchar(12)); END CATCH;
        """);

    public static string ReadOnly(string database) => $"ALTER DATABASE {Name(database)} SET READ_ONLY WITH ROLLBACK IMMEDIATE;";
    public static string ReadWrite(string database) => $"ALTER DATABASE {Name(database)} SET READ_WRITE WITH ROLLBACK IMMEDIATE;";

    /// <summary>Says what it cannot empty by leaving it: the rows are counted afterwards.</summary>
    public static readonly IReadOnlyList<string> Empty =
    [
        OfEachTable("BEGIN TRY SET @q = N'DISABLE TRIGGER ALL ON ' + @n + N'; ALTER TABLE ' + @n + N' NOCHECK CONSTRAINT ALL;'; EXEC (@q); END TRY BEGIN CATCH SET @q = N''; END CATCH;"),
        OfEachTable("BEGIN TRY SET @q = N'DELETE FROM ' + @n; EXEC (@q); END TRY BEGIN CATCH SET @q = N''; END CATCH;"),
    ];

    public static readonly IReadOnlyList<string> DropTables =
    [
        """
        DECLARE @q nvarchar(max); SET @q = N'';
        SELECT @q = @q + N'ALTER TABLE ' + QUOTENAME(OBJECT_SCHEMA_NAME(parent_object_id)) + N'.' + QUOTENAME(OBJECT_NAME(parent_object_id)) + N' DROP CONSTRAINT ' + QUOTENAME(name) + N';' FROM sys.foreign_keys;
        EXEC (@q);
        """,
        OfEachTable("BEGIN TRY SET @q = N'DROP TABLE ' + @n; EXEC (@q); END TRY BEGIN CATCH SET @q = N''; END CATCH;"),
    ];

    /// <summary>Says 'gone 1' when no database of that name is left.</summary>
    public static string Drop(string database) => $"""
        IF CONVERT(varchar(60), DATABASEPROPERTYEX({Text(database)}, 'Status')) = 'ONLINE' ALTER DATABASE {Name(database)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE;
        IF DB_ID({Text(database)}) IS NOT NULL DROP DATABASE {Name(database)};
        SELECT 'gone ' + CASE WHEN DB_ID({Text(database)}) IS NULL THEN '1' ELSE '0' END;
        """;

    /// <summary>A path of the server's machine, whose separator is not this one's.</summary>
    public static string Below(string folder, string name) => folder.TrimEnd('/', '\\') + (folder.StartsWith('/') ? '/' : '\\') + name;

    /// <exception cref="SandboxException">It holds a character that no name of a file or a database needs and that could end the literal for one of the programs on its way.</exception>
    public static string Text(string text) =>
        text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFFFD') ? throw new SandboxException($"a name in the backup cannot be written safely, or not in this machine's characters: {Printable.Of(text)}") : "N'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    public static string Name(string name) => "[" + name.Replace("]", "]]", StringComparison.Ordinal) + "]";

    /// <summary>WITH CHECKSUM is refused for a backup that was made without.</summary>
    private static string Checksum(BackupSet set) => set.HasChecksums ? "CHECKSUM, " : "";

    private static string Hex(string expression) => $"CONVERT(varchar(2400), CONVERT(varbinary(1200), ISNULL({expression}, N'')), 2)";

    private static string OfEachTable(string statement) => $"""
        DECLARE @q nvarchar(max), @n nvarchar(600), @c bigint, @i int, @last int;
        CREATE TABLE #names (i int IDENTITY(1, 1), n nvarchar(600));
        SET @q = N'INSERT #names (n) SELECT QUOTENAME(SCHEMA_NAME(schema_id)) + N''.'' + QUOTENAME(name) FROM sys.tables WHERE is_ms_shipped = 0' + CASE WHEN COL_LENGTH(N'sys.tables', N'is_external') IS NULL THEN N'' ELSE N' AND is_external = 0' END;
        EXEC (@q);
        SELECT @i = 1, @last = COUNT(*) FROM #names;
        WHILE @i <= @last BEGIN
        SELECT @n = n FROM #names WHERE i = @i; SET @i = @i + 1;
        {statement}
        END;
        SELECT 'tables ' + CAST(@last AS varchar(12));
        """;
}

/// <summary>One line of RESTORE HEADERONLY.</summary>
/// <param name="Type">1 is a whole database, 2 a log, 5 a differential; null where the set was never finished.</param>
internal sealed record BackupSet(int Position, int? Type, string Server, string Database, bool HasChecksums, bool IsDamaged);

/// <summary>One line of RESTORE FILELISTONLY.</summary>
/// <param name="Type">D data, L log, S a folder of FILESTREAM or of tables in memory, F full text.</param>
internal sealed record BackupFile(string LogicalName, string Type, bool IsFirst)
{
    public string Extension => Type switch { "L" => ".ldf", "S" => "", _ => IsFirst ? ".mdf" : ".ndf" };
}
