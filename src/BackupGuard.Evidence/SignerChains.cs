using System.Collections.Concurrent;

namespace BackupGuard.Evidence;

/// <summary>Who may sign, and where each signer's counter, hash chain and open intents stand.</summary>
internal sealed class SignerChains
{
    private sealed class Signer(KeyRegistration registration)
    {
        public KeyRegistration Registration { get; } = registration;
        public bool IsRetired { get; set; }
        public long LastCounter { get; set; }
        public long? LastIndex { get; set; }
        public Hash256? LastHash { get; set; }
        public Dictionary<long, OpenIntent> Open { get; } = [];
        public List<Gap> Gaps { get; } = [];

        /// <summary>Entries between those of a part of the log that the part does not hold.</summary>
        public long Absent { get; set; }
    }

    /// <param name="Place">Where its problem stands in the list of problems.</param>
    /// <param name="Number">Where it stands in the list of gaps.</param>
    private sealed record Gap(long First, long Last, string Subject, int Place, int Number);

    private readonly ConcurrentDictionary<string, Signer> signers = new(StringComparer.Ordinal);
    private readonly List<EvidenceProblem> problems;
    private readonly List<LogGap> gaps = [];
    private readonly ClockChecks clocks;
    private readonly Func<string, long, long, bool>? isGap;

    /// <param name="isGap">For a part of a log: whether the missing counters (key, first, last) are missing from the whole log too. Null: the log is whole, and all that is missing is a gap.</param>
    public SignerChains(IReadOnlyList<KeyRegistration> keys, List<EvidenceProblem> problems, Func<string, long, long, bool>? isGap = null)
    {
        this.problems = problems;
        this.isGap = isGap;
        clocks = new ClockChecks(problems);
        foreach (var key in keys)
        {
            if (!signers.TryAdd(key.Key.KeyId, new Signer(key))) throw new ArgumentException($"The key {key.Key.KeyId} is supplied twice.", nameof(keys));
        }
    }

    /// <summary>May be called while another thread is in <see cref="Take"/>: a key that it does not know yet is looked for again there.</summary>
    public EvidencePublicKey? KeyOf(string keyId) => signers.GetValueOrDefault(keyId)?.Registration.Key;

    public IReadOnlyList<LogGap> Gaps => gaps;

    /// <summary>By origin: how many entries between the first and the last known one are not in this part of the log. What came before the first counts too.</summary>
    public IReadOnlyDictionary<string, long> Absent() =>
        signers.Values.Where(s => s.Absent > 0).GroupBy(s => s.Registration.Origin).OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(s => s.Absent));

    public void FinishClocks(DateTimeOffset now) => clocks.Finish(now);

    public IReadOnlyList<OpenIntent> OpenIntents() => [.. signers.Values.SelectMany(s => s.Open.Values).OrderBy(i => i.Index)];

    /// <summary>Takes the next record in, reports what is wrong with it, and returns the entry if it may be believed.</summary>
    public VerifiedEntry? Take(long index, ExaminedRecord record)
    {
        var subject = $"Record {index}";
        if (record.Entry is null) return Refuse(Relocate(record.Problem!, subject));   // one of the two is always set
        if (!signers.TryGetValue(record.Entry.ClaimedKeyId, out var signer)) return Refuse(EvidenceProblems.KeyUnknown.At(subject, ("key", record.Entry.ClaimedKeyId)));
        if (record.Verified is not { } verified && !TryVerify(record.Entry, signer, subject, out verified)) return null;
        if (signer.IsRetired) return Refuse(EvidenceProblems.KeyRetired.At(subject, ("key", verified.Entry.KeyId)));
        if (verified.Entry.Origin != signer.Registration.Origin)
            return Refuse(EvidenceProblems.OriginMismatch.At(subject, ("origin", verified.Entry.Origin), ("key", verified.Entry.KeyId), ("owner", signer.Registration.Origin)));
        if (!Follows(index, subject, signer, verified)) return null;
        clocks.Take(subject, verified.Entry);
        var closes = ClosesItsIntent(subject, signer, verified.Entry);
        if (verified.Entry.IsIntent)
            signer.Open.Add(verified.Entry.Counter, new OpenIntent(index, verified.Entry.Origin, verified.Entry.Counter, verified.Entry.Type, verified.Entry.RecordedAt));
        ApplyRegistration(subject, verified.Entry);
        if (verified.Entry.Type == DamageDeclaration.Type) Explain(index, signer, verified.Entry);
        return closes ? verified : null;
    }

    private bool TryVerify(UnverifiedEntry entry, Signer signer, string subject, out VerifiedEntry verified)
    {
        try
        {
            verified = entry.Verify(signer.Registration.Key);
            return true;
        }
        catch (EvidenceException e)
        {
            problems.Add(Relocate(e.Problem, subject));
            verified = null!;   // not read by the caller when false is returned
            return false;
        }
    }

    /// <summary>After a gap the chain goes on from what was found: one loss is one problem. A repeated entry never moves the chain.</summary>
    private bool Follows(long index, string subject, Signer signer, VerifiedEntry verified)
    {
        var entry = verified.Entry;
        if (entry.Counter <= signer.LastCounter)
        {
            problems.Add(EvidenceProblems.CounterRepeated.At(subject, ("found", entry.Counter), ("origin", entry.Origin), ("last", signer.LastCounter)));
            return false;
        }
        if (entry.Counter > signer.LastCounter + 1 && isGap is not null && !isGap(entry.KeyId, signer.LastCounter + 1, entry.Counter - 1))
            signer.Absent += entry.Counter - signer.LastCounter - 1;
        else if (entry.Counter > signer.LastCounter + 1)
        {
            signer.Gaps.Add(new Gap(signer.LastCounter + 1, entry.Counter - 1, subject, problems.Count, gaps.Count));
            gaps.Add(new LogGap(entry.KeyId, entry.Origin, signer.LastCounter + 1, entry.Counter - 1, signer.LastIndex, index, null));
            problems.Add(EvidenceProblems.CounterGap.At(subject, ("found", entry.Counter), ("origin", entry.Origin), ("last", signer.LastCounter)));
        }
        else if (entry.Previous != signer.LastHash)
            problems.Add(EvidenceProblems.PreviousMismatch.At(subject, ("origin", entry.Origin)));
        signer.LastCounter = entry.Counter;
        signer.LastHash = verified.Hash;
        signer.LastIndex = index;
        return true;
    }

    private bool ClosesItsIntent(string subject, Signer signer, EvidenceEntry entry)
    {
        if (entry.Intent is not { } intent || signer.Open.Remove(intent)) return true;
        problems.Add(EvidenceProblems.IntentUnknown.At(subject, ("intent", intent), ("origin", entry.Origin)));
        return false;
    }

    /// <summary>Only the signer itself can say that it lost its own entries: nobody else has its key. The gap stays visible, as a warning.</summary>
    private void Explain(long index, Signer signer, EvidenceEntry entry)
    {
        var missing = DamageDeclaration.MissingFrom(entry.Payload);
        foreach (var gap in signer.Gaps.ToArray())
        {
            if (!DamageDeclaration.Covers(missing, gap.First, gap.Last)) continue;
            problems[gap.Place] = EvidenceProblems.GapDeclared.At(gap.Subject, ("origin", entry.Origin), ("first", gap.First), ("last", gap.Last), ("counter", entry.Counter));
            gaps[gap.Number] = gaps[gap.Number] with { DeclaredBy = index };
            signer.Gaps.Remove(gap);
        }
    }

    private void ApplyRegistration(string subject, EvidenceEntry entry)
    {
        if (entry.Origin != EvidenceEntry.ServerOrigin || entry.Type is not (KeyRegistration.RegisterType or KeyRegistration.RetireType)) return;
        try
        {
            var registration = KeyRegistration.FromPayload(entry.Payload);
            if (entry.Type == KeyRegistration.RegisterType)
            {
                Register(subject, registration);
                clocks.Registered(registration.Key.KeyId, entry.RecordedAt);
            }
            else Retire(subject, registration);
        }
        catch (EvidenceException e)
        {
            problems.Add(EvidenceProblems.RegistrationWrong.At(subject, ("reason", e.Problem.Message("en"))));
        }
    }

    private void Register(string subject, KeyRegistration registration)
    {
        if (signers.TryAdd(registration.Key.KeyId, new Signer(registration))) return;
        // A supplied key may be registered in the log as well; another owner, or another key with this id, may not.
        if (signers[registration.Key.KeyId].Registration != registration || signers[registration.Key.KeyId].IsRetired)
            problems.Add(EvidenceProblems.RegistrationWrong.At(subject, ("reason", $"the key id {registration.Key.KeyId} is taken")));
    }

    private void Retire(string subject, KeyRegistration registration)
    {
        if (signers.TryGetValue(registration.Key.KeyId, out var signer) && signer.Registration == registration) signer.IsRetired = true;
        else problems.Add(EvidenceProblems.RegistrationWrong.At(subject, ("reason", $"the key {registration.Key.KeyId} was not registered")));
    }

    private VerifiedEntry? Refuse(EvidenceProblem problem)
    {
        problems.Add(problem);
        return null;
    }

    private static EvidenceProblem Relocate(EvidenceProblem problem, string subject) =>
        problem.Kind.At(subject, [.. problem.Data.Where(d => d.Key != "subject").Select(d => (d.Key, (object)d.Value))]);
}
