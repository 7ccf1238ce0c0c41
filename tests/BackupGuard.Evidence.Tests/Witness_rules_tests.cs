using System.Text;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>C2SP tlog-witness and the cosignature of our own type, without network or disk.</summary>
public sealed class Witness_rules_tests : IDisposable
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_795_000_000);
    private readonly EvidenceKey log = EvidenceKey.Generate(), other = EvidenceKey.Generate(), witness = EvidenceKey.Generate();
    private readonly TreeInMemory tree = new();
    private readonly List<Hash256> roots = [MerkleTree.EmptyRoot];
    private WitnessedTree? seen;

    public Witness_rules_tests()
    {
        for (var i = 0; i < 40; i++)
        {
            tree.Append(MerkleTree.HashLeaf(Encoding.ASCII.GetBytes($"entry {i}")));
            roots.Add(tree.Root());
        }
    }

    public void Dispose()
    {
        log.Dispose();
        other.Dispose();
        witness.Dispose();
    }

    private NoteKey Known => new(Sample.LogOrigin, log.PublicKey);
    private CosignatureKey Name => new("temoin.example", witness.PublicKey);
    private byte[] Note(int size, EvidenceKey? key = null, Hash256? root = null, string origin = Sample.LogOrigin) => new Checkpoint(origin, size, root ?? roots[size]).Sign(key ?? log);

    private WitnessAnswer Ask(long old, byte[] note, IReadOnlyList<Hash256> proof)
    {
        var (answer, checkpoint, _) = WitnessRules.Judge(new WitnessRequest(old, proof, note).ToBytes(), [Known], _ => seen);
        if (answer == WitnessAnswer.Accepted) seen = new WitnessedTree(checkpoint!.Size, checkpoint.Root);
        return answer;
    }

    private WitnessAnswer Grow(int old, int size) => Ask(old, Note(size), old == 0 || old == size ? [] : MerkleProver.Consistency(tree, old, size));

    [Fact]
    public void A_log_that_grows_is_vouched_for_step_by_step()
    {
        foreach (var (old, size) in ((int, int)[])[(0, 0), (0, 1), (1, 1), (1, 7), (7, 8), (8, 40)]) Grow(old, size).Should().Be(WitnessAnswer.Accepted, "{0} to {1}", old, size);
        seen!.Size.Should().Be(40);
    }

    [Fact]
    public void Every_pair_of_sizes_needs_its_own_proof()
    {
        for (var old = 1; old < 20; old++)
        for (var size = old + 1; size <= 20; size++)
        {
            seen = new WitnessedTree(old, roots[old]);
            var proof = MerkleProver.Consistency(tree, old, size);
            Ask(old, Note(size), proof).Should().Be(WitnessAnswer.Accepted);
            seen = new WitnessedTree(old, roots[old]);
            Ask(old, Note(size), [.. proof, roots[3]]).Should().Be(WitnessAnswer.Inconsistent);
            if (proof.Count > 0) Ask(old, Note(size), [.. proof.Skip(1)]).Should().Be(WitnessAnswer.Inconsistent);
            seen.Size.Should().Be(old, "what is refused changes nothing");
        }
    }

    [Fact]
    public void A_second_version_of_the_log_is_refused_whatever_it_brings()
    {
        Grow(0, 10).Should().Be(WitnessAnswer.Accepted);
        var fork = new TreeInMemory();
        for (var i = 0; i < 12; i++) fork.Append(MerkleTree.HashLeaf(Encoding.ASCII.GetBytes($"another {i}")));
        Ask(10, Note(12, root: fork.Root()), MerkleProver.Consistency(fork, 10, 12)).Should().Be(WitnessAnswer.Inconsistent);
        Ask(10, Note(10, root: roots[9]), []).Should().Be(WitnessAnswer.Conflict, "two roots of one size");
        Ask(0, Note(12), []).Should().Be(WitnessAnswer.Conflict, "nobody begins anew");
    }

    [Fact]
    public void A_log_that_was_set_back_is_refused()
    {
        Grow(0, 10).Should().Be(WitnessAnswer.Accepted);
        Grow(5, 6).Should().Be(WitnessAnswer.Conflict);
        Ask(10, Note(6), []).Should().Be(WitnessAnswer.Malformed);
        Grow(0, 0).Should().Be(WitnessAnswer.Conflict);
    }

    [Fact]
    public void Only_the_log_itself_can_ask()
    {
        Ask(0, Note(3, other), []).Should().Be(WitnessAnswer.NotSigned);
        Ask(0, Note(3, log, origin: "elsewhere.example/log"), []).Should().Be(WitnessAnswer.UnknownLog);
        Ask(0, Note(0, root: roots[1]), []).Should().Be(WitnessAnswer.Inconsistent, "an empty log has the empty tree");
    }

    [Fact]
    public void Any_byte_of_a_request_that_changes_is_refused_or_changes_nothing()
    {
        seen = new WitnessedTree(7, roots[7]);
        var body = new WitnessRequest(7, MerkleProver.Consistency(tree, 7, 23), Note(23)).ToBytes();
        for (var at = 0; at < body.Length; at++)
        {
            var broken = body.ToArray();
            broken[at] ^= 1;
            var (answer, checkpoint, _) = WitnessRules.Judge(broken, [Known], _ => seen);
            // The key's name or id in the signature line: then it is nobody's line, and nothing is signed.
            if (answer == WitnessAnswer.Accepted) (checkpoint!.Size, checkpoint.Root).Should().Be((23L, roots[23]), "byte {0}", at);
        }
        for (var length = 0; length < body.Length; length++)
            WitnessRules.Judge(body.AsMemory(0, length), [Known], _ => seen).Answer.Should().NotBe(WitnessAnswer.Accepted, "cut at {0}", length);
    }

    [Fact]
    public void A_cosignature_is_over_the_text_the_time_and_the_name()
    {
        var note = Note(23);
        var cosigned = Cosignature.Add(note, [Cosignature.Sign(SignedNote.Parse(note), Name, witness, At)]);
        Cosignature.Verify(SignedNote.Parse(cosigned), Name).Should().Be(At);
        Checkpoint.Verify(cosigned, Known).Size.Should().Be(23);
        Cosignature.Verify(SignedNote.Parse(note), Name).Should().BeNull();
        Cosignature.Verify(SignedNote.Parse(cosigned), new CosignatureKey("another.example", witness.PublicKey)).Should().BeNull();
        Cosignature.Verify(SignedNote.Parse(cosigned), new CosignatureKey("temoin.example", other.PublicKey)).Should().BeNull("another key has another id");
        Cosignature.Add(cosigned, [Cosignature.Sign(SignedNote.Parse(note), Name, witness, At.AddMinutes(1))]).Should().HaveCountGreaterThan(cosigned.Length);

        var line = Encoding.UTF8.GetString(cosigned).Split('\n')[^2].Split(' ');
        var value = Convert.FromBase64String(line[2]);
        for (var at = 4; at < value.Length; at++)
        {
            var broken = value.ToArray();
            broken[at] ^= 1;
            var text = Encoding.UTF8.GetString(note) + $"{line[0]} {line[1]} {Convert.ToBase64String(broken)}\n";
            FluentActions.Invoking(() => Cosignature.Verify(SignedNote.Parse(Encoding.UTF8.GetBytes(text)), Name)).Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2043");
        }
    }

    [Fact]
    public void A_policy_names_the_witness_and_counts_it_only_where_it_signed()
    {
        var text = $"log {Known}\nwitness voisin {Name}\nquorum voisin\n";
        var policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes(text));
        CosignatureKey.Of(policy.Witnesses.Single().Key).Should().Be(Name);
        CosignatureKey.Of(WitnessKey.Parse(Known.ToString())).Should().BeNull("a log's key cosigns nothing");
    }
}
