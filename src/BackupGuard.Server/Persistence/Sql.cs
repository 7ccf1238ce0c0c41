using System.Data.Common;
using System.Globalization;
using System.Text;

namespace BackupGuard.Server.Persistence;

/// <summary>Plain SQL for the evidence tables, in the words that SQLite and PostgreSQL share. Values come and go as they are stored: 64-bit integers, doubles, texts, bytes.</summary>
internal static class Sql
{
    // Few enough that neither engine spends its time on the names, many enough that a batch is not one journey a row.
    private const int MostParameters = 250;

    public static DbCommand Command(this DbConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
        {
            command.Add(name, value);
        }
        return command;
    }

    public static int Execute(this DbConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>First column of the first row; null when there is none or it is NULL.</summary>
    public static object? Scalar(this DbConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Command(text, parameters);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    /// <summary>Inserts rows, many with each statement.</summary>
    /// <param name="columns">Names, separated by commas; each row has as many values.</param>
    public static void InsertAll(this DbConnection connection, string table, string columns, IReadOnlyList<object?[]> rows)
    {
        for (var first = 0; first < rows.Count;)
        {
            var count = Math.Min(rows.Count - first, Math.Max(1, MostParameters / rows[first].Length));
            using var command = connection.CreateCommand();
            var text = new StringBuilder($"INSERT INTO {table} ({columns}) VALUES ");
            var number = 0;
            for (var row = first; row < first + count; row++)
            {
                text.Append(row == first ? "(" : ", (");
                foreach (var value in rows[row])
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"@p{number++}");
                    text.Append(text[^1] == '(' ? "" : ", ").Append(name);
                    command.Add(name, value);
                }
                text.Append(')');
            }
            command.CommandText = text.ToString();
            command.ExecuteNonQuery();
            first += count;
        }
    }

    public static byte[] Blob(this DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static long? LongOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static void Add(this DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
        command.Parameters.Add(parameter);
    }
}
