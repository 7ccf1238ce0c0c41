namespace BackupGuard.Verification.Formats.Driven;

/// <summary>A short answer of a tool, kept whole.</summary>
internal sealed record ToolAnswer(byte[] Output, ToolEnd End);

internal static class ToolOutput
{
    /// <exception cref="ToolException">Also TooMuch, when it writes more than <paramref name="mostBytes"/>.</exception>
    public static async Task<ToolAnswer> AskAsync(this IDrivenTool tool, ToolQuestion question, long mostBytes, CancellationToken cancellationToken)
    {
        var output = new MemoryStream();
        var end = await tool.RunAsync(question, (stream, token) => CopyAsync(stream, output, mostBytes, token), cancellationToken);
        return new ToolAnswer(output.ToArray(), end);
    }

    private static async Task CopyAsync(Stream stream, MemoryStream output, long mostBytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        while (await stream.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (output.Length + count > mostBytes) throw new ToolException(ToolFailure.TooMuch, $"it wrote more than the {mostBytes} bytes that are read");
            output.Write(buffer, 0, count);
        }
    }
}
