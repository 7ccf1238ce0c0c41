using System.Reflection;
using System.Reflection.Emit;

namespace BackupGuard.Server.Tests.Support;

/// <summary>Which types the compiled code of a type touches: what it cannot name it cannot use.</summary>
internal static class Calls
{
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value); // all its fields are codes

    public static IEnumerable<Type> Of(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)).SelectMany(Of);
    }

    private static IEnumerable<Type> Of(MethodBase method)
    {
        foreach (var parameter in method.GetParameters()) yield return parameter.ParameterType;
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
        for (var i = 0; i < code.Length;)
        {
            var op = code[i] == 0xfe ? Codes[unchecked((short)(0xfe00 | code[i + 1]))] : Codes[code[i]];
            i += op.Size;
            if (op.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok && Resolve(method, BitConverter.ToInt32(code, i)) is { } used) yield return used;
            i += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, i),
                _ => 4,
            };
        }
    }

    private static Type? Resolve(MethodBase method, int token)
    {
        var member = method.Module.ResolveMember(token, method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : null, method.IsGenericMethod ? method.GetGenericArguments() : null);
        return member is Type type ? type : member?.DeclaringType;
    }
}
