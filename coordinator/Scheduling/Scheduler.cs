namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Decides what each step takes in. Decodes go first (nobody who is being read to waits for somebody else's prompt), then the
/// prompts under way, then new ones, oldest first. One thread owns it.
/// <para>
/// A sequence holds blocks for all its tokens from the moment it runs, so only a decode can run out of them. It then takes the blocks of
/// a paused sequence, or of the youngest that is younger than itself; who lost them is prefilled again later, from its token ids. The
/// oldest sequence that is not paused therefore always advances, and every sequence ends.
/// </para>
/// </summary>
internal sealed class Scheduler(SchedulerOptions options, BlockManager blocks)
{
    private readonly ScheduledBatch _batch = new();
    private readonly List<Sequence> _running = [];
    private readonly LinkedList<Sequence> _waiting = new();
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
        sequence.State = SequenceState.Waiting;
        _waiting.AddLast(sequence);
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
        _waiting.Remove(fork);
        Insert(fork);
    }

    /// <summary>Takes out a sequence that ended or was cancelled, between steps; its blocks are free at once. Repeating it is no error.</summary>
    public void Remove(Sequence sequence)
    {
        if (sequence.State == SequenceState.Running) _running.Remove(sequence);
        else if (sequence.State == SequenceState.Waiting) _waiting.Remove(sequence);

        blocks.Release(sequence.Blocks);
        sequence.IsScheduled = false;
        sequence.State = SequenceState.Finished;
    }

    /// <summary>The next step; empty when nothing can run now. The batch is the scheduler's and is overwritten by the next call.</summary>
    public ScheduledBatch Next()
    {
        _batch.Clear();
        var blocksSuffice = ScheduleDecodes();
        var chunk = SchedulePrompts(options.PrefillChunk);

        // A newcomer must not take what those who already run are short of.
        if (blocksSuffice) Admit(chunk);
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

            if (TryGrow(sequence, ref suffice)) Schedule(sequence, 1);
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

    /// <returns>What is left of the chunk.</returns>
    private int SchedulePrompts(int chunk)
    {
        foreach (var sequence in _running)
        {
            if (chunk == 0) break;
            if (sequence.IsPaused || sequence.IsScheduled || sequence.PendingLength <= 1) continue;

            chunk -= Schedule(sequence, Math.Min(chunk, sequence.PendingLength));
        }

        return chunk;
    }

    private void Admit(int chunk)
    {
        for (var node = _waiting.First; node is not null && chunk > 0 && _running.Count < options.MaxSequences;)
        {
            var sequence = node.Value;
            var following = node.Next;
            if (!sequence.IsPaused)
            {
                // First come, first served: if the oldest does not fit, nobody overtakes it.
                if (!TryMakeRoom(sequence)) break;

                _waiting.Remove(node);
                Insert(sequence);
                chunk -= Schedule(sequence, Math.Min(chunk, sequence.PendingLength));
            }

            node = following;
        }
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

    private int Schedule(Sequence sequence, int count)
    {
        sequence.IsScheduled = true;
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
        sequence.State = SequenceState.Waiting;
        PreemptionCount++;

        // Whoever ran before arrived before all who never did: the queue stays in order of arrival.
        var next = _waiting.First;
        while (next is not null && next.Value.Arrival < sequence.Arrival) next = next.Next;
        if (next is null) _waiting.AddLast(sequence);
        else _waiting.AddBefore(next, sequence);
    }
}
