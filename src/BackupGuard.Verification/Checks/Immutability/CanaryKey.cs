namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>The name of one probe: letters and digits only, so that no run can leave the corner of the canaries.</summary>
public sealed record CanaryRun
{
    public CanaryRun(string text)
    {
        if (text.Length is 0 or > 64 || !text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))) throw new ArgumentException($"Not the name of a run: {Printable.Of(text)}", nameof(text));
        Text = text;
    }

    public string Text { get; }

    public override string ToString() => Text;
}

/// <summary>The name of a canary: <c>.backupguard/canary/&lt;run&gt;/&lt;name&gt;</c> below the backup's own place. It can hold no other name, and it is all that an attack can be aimed at.</summary>
/// <remarks>A class, not a struct: a default value would be the empty name, which below a prefix is the prefix itself.</remarks>
public sealed record CanaryKey
{
    public const string Root = ".backupguard/canary/";

    public CanaryKey(CanaryRun run, string name)
    {
        if (name.Length is 0 or > 32 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))) throw new ArgumentException($"Not the name of a canary: {Printable.Of(name)}", nameof(name));
        (Run, Name) = (run, name);
    }

    public CanaryRun Run { get; }
    public string Name { get; }
    public string Text => $"{Root}{Run.Text}/{Name}";

    public override string ToString() => Text;
}

/// <summary>One version of a canary.</summary>
/// <param name="Version">The store's own id of it, "" in a store that keeps none.</param>
public sealed record CanaryVersion(CanaryKey Key, string Version);
