namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Decides what each step takes in. Decodes go first (nobody who is being read to waits for somebody else's prompt), then prompts, those
/// under way and new ones, up to a chunk: those of the tenant that has used least, oldest first. One thread owns it.
/// <para>
/// A sequence holds blocks for all its tokens from the moment it runs, so only a decode can run out of them. It then takes the blocks of
/// a paused sequence, or of the youngest that is younger than itself; who lost them is prefilled again later, from its token ids. The
/// oldest that writes therefore always advances, whose prompt is under way gets its turn by what its tenant has used, and so does who
/// waits: nobody overtakes the one whose turn it is, also when it does not fit yet. Hence every sequence ends.
/// </para>
/// </summary>
internal sealed class Scheduler(SchedulerOptions options, BlockManager blocks)
{
    private readonly ScheduledBatch _batch = new();
    private readonly List<Sequence> _running = [];
    private readonly FairQueue _waiting = new();
    private long _arrivals;

    public int RunningCount => _running.Count;

    public int WaitingCount => _waiting.Count;

    /// <summary>Sequences that lost their blocks and had to be prefilled again, since the start.</summary>
    public long PreemptionCount { get; private set; }

    /// <summary>Queues a new sequence.</summary>
    /// <exception cref="ArgumentException">It would not fit into an empty cache, so it could never run.</exception>
    public void Add(Sequence sequence)
    {
        if (blocks.BlocksFor(sequence.Length) > blocks.BlockCount)
            throw new ArgumentException($"A sequence of {sequence.Length} tokens cannot run in a cache of {blocks.CapacityTokens}.", nameof(sequence));

        sequence.Arrival = _arrivals++;
        _waiting.Add(sequence);
    }

    /// <summary>
    /// Adds a sequence that begins with the tokens of another. It shares the other's blocks and goes on where that one is; if not now,
    /// it finds them again when its turn comes.
    /// </summary>
    public void Fork(Sequence source, Sequence fork)
    {
        if (!fork.Tokens.StartsWith(source.Tokens)) throw new ArgumentException("A fork begins with the tokens of its source.", nameof(fork));

        Add(fork);
        if (source is not { State: SequenceState.Running, PendingLength: 1, IsScheduled: false }) return;
        if (fork.Length > source.Length || _running.Count >= options.MaxSequences) return;

        blocks.Fork(source.Blocks, fork.Blocks);
        fork.ReusedLength = fork.CachedLength = source.CachedLength;
        _waiting.Dequeue(fork);
        Insert(fork);
    }

    /// <summary>Takes out a sequence that ended or was cancelled, between steps; its blocks are free at once. Repeating it is no error.</summary>
    public void Remove(Sequence sequence)
    {
        if (sequence.State == SequenceState.Running) _running.Remove(sequence);
        else if (sequence.State == SequenceState.Waiting) _waiting.Dequeue(sequence);

        _waiting.Leave(sequence);
        blocks.Release(sequence.Blocks);
        sequence.IsScheduled = false;
        sequence.State = SequenceState.Finished;
    }

    /// <summary>The next step; empty when nothing can run now. The batch is the scheduler's and is overwritten by the next call.</summary>
    public ScheduledBatch Next()
    {
        _batch.Clear();
        var blocksSuffice = ScheduleDecodes();

        // A newcomer must not take what those who already run are short of.
        SchedulePrompts(mayAdmit: blocksSuffice);
        return _batch;
    }

    /// <summary>Records that the step was executed: its tokens are in the cache.</summary>
    public void Complete()
    {
        foreach (var part in _batch.Sequences)
        {
            var sequence = part.Sequence;
            sequence.CachedLength = part.End;
            sequence.IsScheduled = false;
            blocks.Publish(sequence.Blocks, sequence.Tokens[..part.End]);
        }
    }

    private bool ScheduleDecodes()
    {
        var suffice = true;
        for (var i = 0; i < _running.Count; i++)
        {
            var sequence = _running[i];
            if (sequence.State != SequenceState.Running || sequence.IsPaused || sequence.PendingLength != 1) continue;

            if (TryGrow(sequence, ref suffice)) Schedule(sequence, 1, FairQueue.DecodeCost);
        }

        // Victims are left in place above so that indices hold.
        _running.RemoveAll(static sequence => sequence.State != SequenceState.Running);
        return suffice;
    }

    private bool TryGrow(Sequence sequence, ref bool suffice)
    {
        while (!blocks.TryGrow(sequence.Blocks, sequence.CachedLength, sequence.Length, _batch.Copies))
        {
            suffice = false;
            if (FindVictim(sequence) is not { } victim) return false;
            Preempt(victim);
        }

        return true;
    }

    private void SchedulePrompts(bool mayAdmit)
    {
        for (var chunk = options.PrefillChunk; chunk > 0;)
        {
            var prompt = NextPrompt();
            var newcomer = mayAdmit && _running.Count < options.MaxSequences ? _waiting.First() : null;
            if (newcomer is not null && (prompt is null || (newcomer.Queue != prompt.Queue && FairQueue.IsBefore(newcomer, prompt))))
            {
                // If whose turn it is does not fit, nobody overtakes it.
                mayAdmit = TryMakeRoom(newcomer);
                if (!mayAdmit) continue;

                _waiting.Dequeue(newcomer);
                Insert(newcomer);
                prompt = newcomer;
            }

            if (prompt is null) return;
            chunk -= Schedule(prompt, Math.Min(chunk, prompt.PendingLength), FairQueue.PrefillCost);
        }
    }

    /// <summary>Whose prompt is under way and goes on first.</summary>
    private Sequence? NextPrompt()
    {
        Sequence? next = null;
        foreach (var sequence in _running)
        {
            if (sequence.IsPaused || sequence.IsScheduled || sequence.PendingLength <= 1) continue;
            if (next is null || FairQueue.IsBefore(sequence, next)) next = sequence;
        }

        return next;
    }

    private bool TryMakeRoom(Sequence newcomer)
    {
        // Each that runs may want one more block soon: without this margin the newcomer would be preempted right away.
        var margin = 0;
        foreach (var sequence in _running) margin += sequence.IsPaused ? 0 : 1;

        int cached;
        while (!blocks.TryLease(newcomer.Blocks, newcomer.Tokens, newcomer.ReusableLength, margin, out cached))
        {
            if (_running.Find(static sequence => sequence.IsPaused) is not { } paused) return false;
            Preempt(paused);
            _running.Remove(paused);
        }

        newcomer.CachedLength = cached;
        newcomer.ReusedLength ??= cached;
        return true;
    }

    /// <summary>Keeps those who run in order of arrival, also when one comes back from a pause behind younger ones.</summary>
    private void Insert(Sequence sequence)
    {
        var place = _running.Count;
        while (place > 0 && _running[place - 1].Arrival > sequence.Arrival) place--;
        _running.Insert(place, sequence);
        sequence.State = SequenceState.Running;
    }

    private int Schedule(Sequence sequence, int count, int cost)
    {
        sequence.IsScheduled = true;
        FairQueue.Charge(sequence, (long)count * cost);
        _batch.Add(new ScheduledSequence(sequence, sequence.CachedLength, count));
        return count;
    }

    private Sequence? FindVictim(Sequence claimant)
    {
        Sequence? victim = null;
        foreach (var candidate in _running)
        {
            if (candidate.State != SequenceState.Running || candidate.IsScheduled || candidate == claimant) continue;
            if (candidate.IsPaused) return candidate;
            if (candidate.Arrival > claimant.Arrival && (victim is null || candidate.Arrival > victim.Arrival)) victim = candidate;
        }

        return victim;
    }

    private void Preempt(Sequence sequence)
    {
        blocks.Release(sequence.Blocks);
        sequence.CachedLength = 0;
        _waiting.Enqueue(sequence);
        PreemptionCount++;
    }
}
