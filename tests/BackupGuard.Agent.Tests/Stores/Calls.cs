using System.Reflection;

namespace BackupGuard.Agent.Tests.Stores;

/// <summary>Which method of an assembly calls which, read from its instructions: what may not be called can then be looked for.</summary>
/// <param name="Type">The outermost type of the caller.</param>
/// <param name="Method">The caller as Type.Method; the parts of an async method count as that method.</param>
internal sealed record Calls(Type Type, string Method, MethodBase Called)
{
    public static IEnumerable<Calls> Of(Assembly assembly) => assembly.GetTypes()
        .SelectMany(t => t.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Cast<MethodBase>().Concat(t.GetConstructors(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)))
        .SelectMany(m => CalledBy(m).Select(c => new Calls(Outermost(m.DeclaringType!), $"{Outermost(m.DeclaringType!).Name}.{NameOf(m)}", c)));    // a method stands in a type

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    /// <summary>The compiler names what it makes of a method M after it: &lt;M&gt;d__1.MoveNext, &lt;M&gt;b__0.</summary>
    private static string NameOf(MethodBase method)
    {
        foreach (var name in (string[])[method.Name, method.DeclaringType!.Name])    // a method stands in a type
            if (name.StartsWith('<') && name.IndexOf('>', StringComparison.Ordinal) is > 1 and var end) return name[1..end];
        return method.Name;
    }

    /// <summary>Every four bytes behind a call instruction that name a method of the module: a few too many, none too few.</summary>
    private static IEnumerable<MethodBase> CalledBy(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
        for (var i = 0; i + 4 < code.Length; i++)
        {
            if (code[i] is not (0x28 or 0x6F or 0x73)) continue;    // call, callvirt, newobj
            MethodBase? found = null;
            try
            {
                found = method.Module.ResolveMethod(BitConverter.ToInt32(code, i + 1), method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null, method.IsGenericMethod ? method.GetGenericArguments() : null);
            }
            catch (Exception e) when (e is ArgumentException or BadImageFormatException)
            {
                // Not an instruction, only bytes that look like one.
            }
            if (found is not null) yield return found;
        }
    }
}
