using BackupGuard.Verification.Stores.Contract;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Stores;

/// <summary>The contract over the stores of the tests themselves, and proof that it can fail: each kind of fault breaks a rule.</summary>
public sealed class StoreContractTests
{
    public static TheoryData<string> Rules() => [.. StoreContract.Rules.Select(r => r.Sentence)];

    private static StoreRule Rule(string sentence) => StoreContract.Rules.Single(r => r.Sentence == sentence);

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_store_in_memory_keeps_it(string rule)
    {
        var store = new MemoryStore();
        (await StoreContract.TryAsync(Rule(rule), store, new MemoryScratch(store), CancellationToken.None)).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_faulty_store_without_a_fault_keeps_it(string rule)
    {
        var store = new MemoryStore();
        (await StoreContract.TryAsync(Rule(rule), new FaultyStore(store), new MemoryScratch(store), CancellationToken.None)).Should().BeNull();
    }

    [Theory]
    [InlineData(FaultKind.OpenFails)]
    [InlineData(FaultKind.ListFails)]
    [InlineData(FaultKind.ReadFails)]
    [InlineData(FaultKind.FlippedBit)]
    [InlineData(FaultKind.ShortRead)]
    internal async Task Each_kind_of_fault_breaks_the_contract(FaultKind kind)
    {
        var broken = 0;
        foreach (var rule in StoreContract.Rules)
        {
            var store = new MemoryStore();
            if (await StoreContract.TryAsync(rule, new FaultyStore(store, Fault.Always(kind)), new MemoryScratch(store), CancellationToken.None) is not null) broken++;
        }
        broken.Should().BePositive();
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("a//b")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../../x")]
    public void A_scratch_name_cannot_leave_its_corner(string name) => new ScratchPrefix("run1").Invoking(p => p.Name(name)).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    public void A_run_cannot_name_its_way_out(string run) => ((Func<ScratchPrefix>)(() => new ScratchPrefix(run))).Should().Throw<ArgumentException>();

    private sealed class MemoryScratch(MemoryStore store) : IStoreScratch
    {
        public ScratchPrefix Prefix { get; } = new("memory1");

        public ValueTask PutAsync(ScratchName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            lock (store) store[name.Text] = content.ToArray();
            return ValueTask.CompletedTask;
        }

        public ValueTask RemoveAsync(ScratchName name, CancellationToken cancellationToken)
        {
            store.Remove(name.Text);
            return ValueTask.CompletedTask;
        }

        public ValueTask ClearAsync(CancellationToken cancellationToken)
        {
            foreach (var name in store.Names.Where(n => n.StartsWith(Prefix.Text, StringComparison.Ordinal)).ToList()) store.Remove(name);
            return ValueTask.CompletedTask;
        }
    }
}
