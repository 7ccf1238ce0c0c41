using System.Security.Cryptography;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills.Windows;

/// <summary>One rule of Windows' firewall, in the values of INetFwRule (netfw.h).</summary>
/// <param name="Direction">1 in, 2 out.</param>
/// <param name="Action">0 block.</param>
/// <param name="Profiles">Bits; all is 0x7FFFFFFF.</param>
/// <param name="Protocol">256 for any.</param>
/// <param name="Addresses">Remote ones; "*" for any.</param>
internal sealed record FirewallRule(string Name, string Program, int Direction, int Action, bool IsEnabled, int Profiles, int Protocol, string Addresses)
{
    public const int In = 1, Out = 2, Block = 0, AllProfiles = 0x7FFFFFFF, AnyProtocol = 256;

    public static FirewallRule Blocking(string name, string program, int direction) => new(name, program, direction, Block, IsEnabled: true, AllProfiles, AnyProtocol, "*");
}

/// <summary>The machine's firewall. Every failure MUST be a <see cref="SandboxException"/>.</summary>
internal interface IFirewall
{
    /// <summary>Whether it is switched on in every profile that is in use, and lets local rules count: a group policy can switch both off.</summary>
    bool IsInForce { get; }
    IEnumerable<FirewallRule> Rules();
    void Add(FirewallRule rule);
    void Remove(string name);
}

/// <summary>Keeps one program of a drill from the network, in both directions, while it lives. A rule that blocks wins over every rule that allows.</summary>
/// <remarks>Windows does not filter the loopback: what listens on this machine can be reached all the same.</remarks>
internal sealed class FirewallBlock : IDisposable
{
    public const string Prefix = "BackupGuardDrill_";

    private readonly IFirewall _firewall;
    private readonly string _name;

    private FirewallBlock(IFirewall firewall, string name) => (_firewall, _name) = (firewall, name);

    /// <param name="program">Full path of a file that belongs to this drill alone: the rule must not hold back a program that the machine needs.</param>
    /// <exception cref="SandboxException">It could not be seen to be in force: then nothing may be started.</exception>
    public static FirewallBlock Raise(IFirewall firewall, string program)
    {
        if (!firewall.IsInForce) throw new SandboxException("Windows' firewall is switched off, or does not let local rules count: restored software cannot be kept from the network, and is not started");
        var block = new FirewallBlock(firewall, Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        try
        {
            foreach (var direction in (int[])[FirewallRule.In, FirewallRule.Out]) firewall.Add(FirewallRule.Blocking(block._name, program, direction));
            // What it says that it took is looked at again: that it raised no error is not enough.
            var seen = firewall.Rules().Where(r => r.Name == block._name).ToList();
            if (seen.Count != 2 || !Holds(seen, program, FirewallRule.In) || !Holds(seen, program, FirewallRule.Out))
                throw new SandboxException("Windows' firewall does not show the rule that keeps restored software from the network, so it is not started");
            return block;
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    /// <summary>Rules of drills that were killed: they block a program that is not there any more.</summary>
    public static void RemoveStale(IFirewall firewall, Func<string, bool> exists)
    {
        foreach (var name in firewall.Rules().Where(r => r.Name.StartsWith(Prefix, StringComparison.Ordinal) && !exists(r.Program)).Select(r => r.Name).Distinct(StringComparer.Ordinal).ToList()) firewall.Remove(name);
    }

    public void Dispose()
    {
        try
        {
            _firewall.Remove(_name);
        }
        catch (SandboxException)
        {
            // It goes with the next drill; until then it blocks a file that nobody starts.
        }
    }

    private static bool Holds(List<FirewallRule> seen, string program, int direction) =>
        seen.Exists(r => r with { Program = "" } == FirewallRule.Blocking(r.Name, "", direction) && r.Program.Equals(program, StringComparison.OrdinalIgnoreCase));
}
