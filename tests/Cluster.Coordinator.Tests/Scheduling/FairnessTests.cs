using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

/// <summary>What tenants get beside each other, whatever they ask for.</summary>
public sealed class FairnessTests
{
    private const int BlockTokens = 4;

    private static readonly Tenant s_many = new("many", Priority.Normal), s_one = new("one", Priority.Normal);

    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    public void A_tenant_with_one_request_does_not_wait_for_a_hundred_of_another(int promptLength)
    {
        var load = new Load(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks: 200);
        for (var i = 0; i < 100; i++) load.Add(s_many, promptLength, 10);
        for (var i = 0; i < 7; i++) load.Step();
        var begun = load.Begun(s_many);

        // It takes the first place that gets free, and beside a long prompt it has its own share of the chunk.
        for (var one = load.Add(s_one, promptLength, 10); one.State == SequenceState.Waiting; load.Step())
            Assert.InRange(load.Begun(s_many) - begun, 0, 1);
    }

    [Fact]
    public void A_long_prompt_shares_the_chunk()
    {
        var load = new Load(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks: 1000);
        var longest = load.Add(s_many, 1600, 1);
        load.Step();
        var other = load.Add(s_one, 160, 1);
        for (var step = 0; other.CachedLength < 160; step++)
        {
            Assert.True(step <= 21, "more than every other chunk went to the long prompt");
            load.Step();
        }

        Assert.InRange(longest.CachedLength, 160, 1599);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Who_always_has_something_waiting_gets_what_its_priority_says(int seed)
    {
        var random = new Random(seed);
        var options = new SchedulerOptions { PrefillChunk = random.Next(4, 32), MaxSequences = random.Next(2, 9) };
        var load = new Load(options, blocks: 64);
        Tenant[] tenants = [new("low", Priority.Low), new("normal", Priority.Normal), new("other", Priority.Normal), new("high", Priority.High)];

        // Some ask for long prompts, some for long texts.
        var longest = tenants.ToDictionary(tenant => tenant, _ => (Prompt: random.Next(2, 100), Text: random.Next(2, 60)));
        for (var step = 0; step < 60_000; step++)
        {
            foreach (var tenant in tenants)
                while (load.Waiting(tenant) < 3) load.Add(tenant, random.Next(1, longest[tenant].Prompt), random.Next(1, longest[tenant].Text));
            load.Step();
        }

        // What is under way when a tenant's turn is over is still done for it.
        var bound = options.MaxSequences * (100 * FairQueue.PrefillCost + 60 * FairQueue.DecodeCost) * FairQueue.Weight(Priority.Low);
        var used = tenants.Select(tenant => load.Work(tenant) * FairQueue.Weight(tenant.Priority)).ToArray();
        Assert.True(used.Max() - used.Min() <= bound, $"{string.Join(", ", used)} differ by more than {bound}");
        Assert.True(used.Min() > 20 * bound, "too little was done to tell");
    }

    [Fact]
    public void Nobody_saves_up_while_away()
    {
        var load = new Load(new() { PrefillChunk = 8, MaxSequences = 2 }, blocks: 100);
        for (var step = 0; step < 2000; step++)
        {
            while (load.Waiting(s_many) < 2) load.Add(s_many, 8, 4);
            load.Step();
        }

        var before = load.Work(s_many);
        for (var step = 0; step < 2000; step++)
        {
            foreach (var tenant in new[] { s_many, s_one })
                while (load.Waiting(tenant) < 2) load.Add(tenant, 8, 4);
            load.Step();
        }

        Assert.InRange(load.Work(s_many) - before - load.Work(s_one), -100, 100);
    }

    /// <summary>Sequences of which each has a length at which it ends.</summary>
    private sealed class Load(SchedulerOptions options, int blocks)
    {
        private readonly Scheduler _scheduler = new(options, new BlockManager(blocks, BlockTokens, prefixCache: false));
        private readonly Dictionary<Sequence, int> _live = [];
        private readonly Dictionary<Tenant, (long Work, int Begun)> _done = [];

        public Sequence Add(Tenant tenant, int promptLength, int generated)
        {
            var sequence = new Sequence(new int[promptLength]) { Tenant = tenant };
            _live.Add(sequence, promptLength + generated);
            _scheduler.Add(sequence);
            return sequence;
        }

        public int Waiting(Tenant tenant) => _live.Keys.Count(sequence => sequence.Tenant == tenant && sequence.State == SequenceState.Waiting);

        public long Work(Tenant tenant) => _done.GetValueOrDefault(tenant).Work;

        public int Begun(Tenant tenant) => _done.GetValueOrDefault(tenant).Begun;

        public void Step()
        {
            var batch = _scheduler.Next();
            Assert.False(batch.IsEmpty);
            _scheduler.Complete(TimeSpan.Zero);
            foreach (var part in batch.Sequences.ToArray())
            {
                var sequence = part.Sequence;
                var (work, begun) = _done.GetValueOrDefault(sequence.Tenant);
                var decodes = part.Count == 1 && sequence.GeneratedLength > 0;
                _done[sequence.Tenant] = (work + part.Count * (decodes ? FairQueue.DecodeCost : FairQueue.PrefillCost), begun + (part.Start == 0 ? 1 : 0));
                if (!part.ReachesEnd) continue;

                sequence.Append(0);
                if (sequence.Length < _live[sequence]) continue;
                _live.Remove(sequence);
                _scheduler.Remove(sequence);
            }
        }
    }
}
