namespace BackupGuard.Continuity.Definitions;

/// <summary>A value with the place where it was written.</summary>
internal abstract record YamlNode(int Line, int Column);

/// <param name="Quoted">A quoted "true" is a text; a plain one may be read as a value.</param>
internal sealed record YamlScalar(string Value, bool Quoted, int Line, int Column) : YamlNode(Line, Column);

internal sealed record YamlSequence(IReadOnlyList<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column);

internal sealed record YamlMapping(IReadOnlyList<YamlEntry> Entries, int Line, int Column) : YamlNode(Line, Column);

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
