using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Continuity.Paper;

/// <summary>
/// What is printed on a card, as a QR code and as twelve characters to type: which run (or plan), which step, which attempt, and of which text. Names are shortened to
/// parts of their hashes: a code tells cards apart, it proves nothing and holds no personal data.
/// </summary>
/// <param name="Scope">Three characters of the run's id, or of the runbook's where no run had begun.</param>
/// <param name="Step">Four characters of the step's id.</param>
/// <param name="Attempt">0 on a card of a plan; from 1 in a run.</param>
/// <param name="Version">Two characters of the SHA-256 of the definition that the card was printed from.</param>
public sealed record CardCode(string Scope, string Step, int Attempt, string Version)
{
    /// <summary>Without 0 and O, 1, I and L. Their number is prime: the check character needs that.</summary>
    public const string Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    /// <summary>A step that comes back every four hours reaches this after five months.</summary>
    public const int MaxAttempt = 31 * 31 - 1;

    private const int ScopeLength = 3, StepLength = 4, AttemptLength = 2, VersionLength = 2;
    private const int Length = ScopeLength + StepLength + AttemptLength + VersionLength + 1;

    /// <exception cref="ArgumentOutOfRangeException">The attempt is not from 1 to <see cref="MaxAttempt"/>.</exception>
    public static CardCode OfRun(string runId, string stepId, int attempt, string definitionSha256)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attempt, MaxAttempt);
        return new(RunScope(runId), StepPart(stepId), attempt, VersionPart(definitionSha256));
    }

    /// <summary>A card printed in peace time: it can be used in any run of this runbook.</summary>
    public static CardCode OfPlan(string runbookId, string stepId, string definitionSha256) => new(PlanScope(runbookId), StepPart(stepId), 0, VersionPart(definitionSha256));

    public static string RunScope(string runId) => Digest("run", runId, ScopeLength);

    public static string PlanScope(string runbookId) => Digest("plan", runbookId, ScopeLength);

    public static string StepPart(string stepId) => Digest("step", stepId, StepLength);

    public static string VersionPart(string definitionSha256) => Digest("text", definitionSha256, VersionLength);

    /// <summary>Reads what was scanned or typed; capitals, spaces and hyphens do not matter.</summary>
    /// <returns>Null when a character is missing, too many, none of the alphabet, or any one is wrong, or two neighbours changed places.</returns>
    public static CardCode? Parse(string text)
    {
        var typed = new StringBuilder(Length);
        foreach (var c in text)
        {
            if (c is ' ' or '-' or '\u00a0' or '\u2011') continue;
            var upper = char.ToUpperInvariant(c);
            if (typed.Length == Length || !Alphabet.Contains(upper, StringComparison.Ordinal)) return null;
            typed.Append(upper);
        }

        var code = typed.ToString();
        if (code.Length != Length || Check(code[..^1]) != code[^1]) return null;
        const int AttemptAt = ScopeLength + StepLength;
        var attempt = (Alphabet.IndexOf(code[AttemptAt], StringComparison.Ordinal) * Alphabet.Length) + Alphabet.IndexOf(code[AttemptAt + 1], StringComparison.Ordinal);
        return new(code[..ScopeLength], code[ScopeLength..AttemptAt], attempt, code[(AttemptAt + AttemptLength)..^1]);
    }

    /// <summary>K7F2-M9QR-3ACX.</summary>
    public override string ToString()
    {
        var code = Scope + Step + Alphabet[Attempt / Alphabet.Length] + Alphabet[Attempt % Alphabet.Length] + Version;
        code += Check(code);
        return $"{code[..4]}-{code[4..8]}-{code[8..]}";
    }

    /// <summary>
    /// A weighted sum modulo a prime (the principle of ISO/IEC 7064, pure systems). No weight is 0 and neighbours' weights differ, the check character's own (1) among them,
    /// so one wrong character or one swap of neighbours always changes the sum: 2 has order 5 modulo 31.
    /// </summary>
    private static char Check(string code)
    {
        var (sum, weight) = (0, 1);
        for (var i = code.Length - 1; i >= 0; i--)
        {
            weight = weight * 2 % Alphabet.Length;
            sum += weight * Alphabet.IndexOf(code[i], StringComparison.Ordinal);
        }

        return Alphabet[(Alphabet.Length - (sum % Alphabet.Length)) % Alphabet.Length];
    }

    private static string Digest(string kind, string name, int length)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{name}"));
        // 256 is no multiple of 31: over eight bytes the odds differ by nothing that could be seen.
        var number = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        return string.Create(length, number, (span, rest) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = Alphabet[(int)(rest % (ulong)Alphabet.Length)];
                rest /= (ulong)Alphabet.Length;
            }
        });
    }
}
