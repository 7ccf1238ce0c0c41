using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using BackupGuard.Verification.Drills;
using Microsoft.CSharp.RuntimeBinder;

namespace BackupGuard.Agent.Drills.Windows;

/// <summary>HNetCfg.FwPolicy2, bound late: netsh says the same in words that depend on the language. Never run by this project.</summary>
[SupportedOSPlatform("windows")]
internal sealed class ComFirewall : IFirewall
{
    private static readonly int[] Profiles = [1, 2, 4];

    private readonly dynamic _policy = Create("HNetCfg.FwPolicy2");

    public bool IsInForce => Try(() =>
    {
        int current = _policy.CurrentProfileTypes;
        // NET_FW_MODIFY_STATE_OK: no group policy overrides local rules.
        return (int)_policy.LocalPolicyModifyState == 0 && current != 0 && Profiles.Where(p => (current & p) != 0).All(p => (bool)_policy.FirewallEnabled[p]);
    });

    public IEnumerable<FirewallRule> Rules() => Try(() =>
    {
        var rules = new List<FirewallRule>();
        foreach (var rule in _policy.Rules)
            rules.Add(new FirewallRule((string?)rule.Name ?? "", (string?)rule.ApplicationName ?? "", (int)rule.Direction, (int)rule.Action, (bool)rule.Enabled, (int)rule.Profiles, (int)rule.Protocol, (string?)rule.RemoteAddresses ?? ""));
        return rules;
    });

    public void Add(FirewallRule rule) => Try(() =>
    {
        var made = Create("HNetCfg.FwRule");
        (made.Name, made.Description, made.ApplicationName) = (rule.Name, "BackupGuard: a drill's restored program has no network.", rule.Program);
        (made.Direction, made.Action, made.Profiles, made.Protocol, made.Enabled) = (rule.Direction, rule.Action, rule.Profiles, rule.Protocol, rule.IsEnabled);
        _policy.Rules.Add(made);
        return true;
    });

    /// <summary>Takes one rule at a time, of those that share a name.</summary>
    public void Remove(string name) => Try(() =>
    {
        for (var left = Rules().Count(r => r.Name == name); left > 0; left--) _policy.Rules.Remove(name);
        return true;
    });

    private static dynamic Create(string name) => Type.GetTypeFromProgID(name) is { } type && Activator.CreateInstance(type) is { } made ? made : throw new SandboxException($"Windows has no {name}");

    private static T Try<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception e) when (e is COMException or UnauthorizedAccessException or RuntimeBinderException or InvalidCastException)
        {
            throw new SandboxException($"Windows' firewall could not be asked: {e.Message}", e);
        }
    }
}
