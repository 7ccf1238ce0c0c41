using System.Globalization;

namespace BackupGuard.Server.Ui;

/// <summary>A part of a long list: nobody reads ten thousand rows, and no machine of a crisis cell should have to draw them.</summary>
/// <param name="From">Number of the first one shown, from 1.</param>
public sealed record Window<T>(IReadOnlyList<T> Items, int From, int Total, int Size)
{
    public bool IsAll => Items.Count == Total;
}

public static class Window
{
    public const int Size = 200;
    public const string Field = "suite";

    /// <param name="from">Number that was asked for; whatever is out of range leads to the nearest page.</param>
    public static Window<T> Of<T>(IReadOnlyList<T> all, int from, int size = Size)
    {
        var first = Math.Clamp((from - 1) / size * size, 0, Math.Max(0, (all.Count - 1) / size * size));
        return new([.. all.Skip(first).Take(size)], first + 1, all.Count, size);
    }

    /// <returns>1 where the address says nothing that can be read.</returns>
    public static int From(IQueryCollection query) => int.TryParse(query[Field], NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? Math.Max(1, from) : 1;
}
