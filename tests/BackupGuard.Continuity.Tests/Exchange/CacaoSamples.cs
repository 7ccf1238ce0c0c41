using System.Globalization;
using System.Reflection;
using System.Text;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Tests.Exchange;

internal static class CacaoSamples
{
    public static string Playbook(string name) => RepositoryFiles.Read($"tests/BackupGuard.Continuity.Tests/Exchange/playbooks/{name}.json");

    /// <summary>Everything that a definition says, member by member, but not where it stands in its file. Walks the types themselves: a member added later is compared too.</summary>
    public static string Told(RunbookDefinition runbook)
    {
        var text = new StringBuilder();
        Tell(text, runbook, 0);
        return text.ToString();
    }

    private static void Tell(StringBuilder text, object? value, int depth)
    {
        switch (value)
        {
            case null:
                text.Append("null\n");
                break;
            case string or bool or int or decimal or TimeSpan or DateTimeOffset or Enum:
                text.Append(CultureInfo.InvariantCulture, $"{value}\n");
                break;
            case System.Collections.IEnumerable items:
                text.Append('\n');
                foreach (var item in items) Tell(text.Append(' ', depth).Append("- "), item, depth + 2);
                break;
            default:
                text.Append(value.GetType().Name).Append('\n');
                foreach (var member in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0 && p.PropertyType != typeof(Place)).OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    Tell(text.Append(' ', depth).Append(member.Name).Append(": "), member.GetValue(value), depth + 2);
                }

                break;
        }
    }
}
