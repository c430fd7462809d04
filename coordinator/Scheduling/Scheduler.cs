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
/// <para>
/// Up to <c>depth</c> steps are under way at a time, as many as a pipeline has stages, and are over in the order in which they were
/// chosen. Each takes its share of the decodes, so that there are some for the next one, and a small chunk of prompts. A sequence is in
/// several of them only with consecutive chunks of its prompt. Ranks execute steps in order: blocks may change hands while a step
/// under way still writes to them, because whoever has them next writes after it.
/// </para>
/// <para>
/// With <c>foresight</c>, which is for a depth of 1, one more goes ahead when it may. What it takes in of a sequence that the step before it
/// ends is dropped.
/// </para>
/// </summary>
internal sealed class Scheduler(SchedulerOptions options, BlockManager blocks, int depth = 1, Foresight? foresight = null)
{
    private readonly Queue<ScheduledBatch> _underWay = new();
    private readonly int _chunk = options.ChunkOf(depth);

    /// <summary>One more than are under way: a batch is still looked at when it is over.</summary>
    private readonly ScheduledBatch[] _batches = [.. Enumerable.Range(0, depth + (foresight is null ? 1 : 2)).Select(_ => new ScheduledBatch())];

    private ScheduledBatch _batch = new();
    private int _nextBatch;
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
        fork.BeginAt(source.CachedLength);
        fork.ReusedLength = source.CachedLength;
        _waiting.Dequeue(fork);
        Insert(fork);
    }

    /// <summary>Takes out a sequence that ended or was cancelled; its blocks are free at once. Repeating it is no error.</summary>
    public void Remove(Sequence sequence)
    {
        if (sequence.State == SequenceState.Running) _running.Remove(sequence);
        else if (sequence.State == SequenceState.Waiting) _waiting.Dequeue(sequence);

        _waiting.Leave(sequence);
        blocks.Release(sequence.Blocks);
        sequence.State = SequenceState.Finished;
    }

    /// <summary>
    /// The next step; empty when nothing can run now. The batch is the scheduler's and is overwritten when one more than can be under way
    /// have been chosen after it.
    /// </summary>
    public ScheduledBatch Next()
    {
        if (_underWay.Count == _batches.Length - 1) throw new InvalidOperationException($"{_underWay.Count} steps are under way already.");

        _batch = _batches[_nextBatch];
        _batch.Clear();
        if (_underWay.Count == depth)
        {
            ScheduleAhead();
        }
        else
        {
            var blocksSuffice = ScheduleDecodes();

            // A newcomer must not take what those who already run are short of.
            SchedulePrompts(mayAdmit: blocksSuffice);
        }

        if (_batch.IsEmpty) return _batch;

        _nextBatch = (_nextBatch + 1) % _batches.Length;
        _underWay.Enqueue(_batch);
        return _batch;
    }

    /// <summary>Records that the oldest step under way, if there is one, was executed: its tokens are in the cache.</summary>
    /// <param name="elapsed">What the ranks took for it.</param>
    public void Complete(TimeSpan elapsed)
    {
        if (!_underWay.TryDequeue(out var batch)) return;
        if (batch.IsDecode) foresight?.Add(elapsed);
        foreach (var part in batch.Sequences)
        {
            var sequence = part.Sequence;

            // Who was taken out meanwhile has no blocks.
            if (sequence.State != SequenceState.Running) continue;
            sequence.TakeIn(part.End);
            blocks.Publish(sequence.Blocks, sequence.Tokens[..part.End]);
        }
    }

    /// <summary>The next token of each sequence of the step under way, which chooses it.</summary>
    private void ScheduleAhead()
    {
        var newcomer = _running.Count < options.MaxSequences ? _waiting.First() : null;
        if (!foresight!.MayGoAhead(_running, newcomer, blocks.AvailableCount)) return;
        foreach (var sequence in _running)
        {
            if (sequence.IsPaused) continue;
            blocks.TryGrow(sequence.Blocks, sequence.ScheduledLength, sequence.ScheduledLength + 1, _batch.Copies);
            Schedule(sequence, 1, FairQueue.DecodeCost);
        }
    }

    private bool ScheduleDecodes()
    {
        var suffice = true;
        var share = DecodeShare();
        for (var i = 0; i < _running.Count && share > 0; i++)
        {
            var sequence = _running[i];
            if (sequence.State != SequenceState.Running || sequence.IsPaused || sequence.PendingLength != 1) continue;
            if (!TryGrow(sequence, ref suffice)) continue;

            Schedule(sequence, 1, FairQueue.DecodeCost);
            share--;
        }

        // Victims are left in place above so that indices hold.
        _running.RemoveAll(static sequence => sequence.State != SequenceState.Running);
        return suffice;
    }

    /// <summary>Decodes of one step: of all that go on, in this step or in one under way, as many as the others have.</summary>
    private int DecodeShare()
    {
        if (depth == 1) return int.MaxValue;
        var decodes = 0;
        foreach (var sequence in _running) decodes += !sequence.IsPaused && sequence.Length - sequence.CachedLength == 1 ? 1 : 0;
        return Math.Max(1, (decodes + depth - 1) / depth);
    }

    private bool TryGrow(Sequence sequence, ref bool suffice)
    {
        while (!blocks.TryGrow(sequence.Blocks, sequence.ScheduledLength, sequence.Length, _batch.Copies))
        {
            suffice = false;
            if (FindVictim(sequence) is not { } victim) return false;
            Preempt(victim);
        }

        return true;
    }

    private void SchedulePrompts(bool mayAdmit)
    {
        for (var chunk = _chunk; chunk > 0;)
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
            if (sequence.IsPaused || sequence.PendingLength <= 1) continue;
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
            if (_running.Find(static sequence => sequence is { IsPaused: true, IsScheduled: false }) is not { } paused) return false;
            Preempt(paused);
            _running.Remove(paused);
        }

        newcomer.BeginAt(cached);
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
        FairQueue.Charge(sequence, (long)count * cost);
        _batch.Add(new ScheduledSequence(sequence, sequence.ScheduledLength, count));
        sequence.ScheduledLength += count;
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
        sequence.BeginAt(0);
        _waiting.Enqueue(sequence);
        PreemptionCount++;
    }
}
