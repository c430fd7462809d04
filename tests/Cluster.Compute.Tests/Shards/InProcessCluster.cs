using Cluster.Compute.Collectives;
using Cluster.Compute.Cpu;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Shards;
using Cluster.Compute.Steps;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;

namespace Cluster.Compute.Tests.Shards;

/// <summary>All ranks of a plan as threads of this process: one sequence, real shards, in-process collectives.</summary>
internal sealed class InProcessCluster : IDisposable
{
    private const int BlockTokens = 16;
    private const int BlockCount = 24;

    private readonly GgufFile _file;
    private readonly List<IDisposable> _parts = [];
    private readonly RankThread[] _ranks;
    private readonly int _tensorParallel;

    public InProcessCluster(string model, int tensorParallel, int pipeline, KvCacheFormat cacheFormat, int threads = 1, Func<int, IDevice>? open = null,
        double[]? shares = null)
    {
        _file = GgufFile.Open(model);
        _tensorParallel = tensorParallel;
        Config = ModelConfigReader.Read(_file);
        var plan = ShardPlanBuilder.Build(Config, tensorParallel, pipeline, TensorCuts.FeedForwardUnit(Config, _file.Tensors), 1, shares).Plan
            ?? throw new InvalidOperationException("The plan was refused.");
        _ranks = new RankThread[plan.WorldSize];
        var links = new InProcessStageLink[plan.WorldSize];
        for (var rank = 0; rank < plan.WorldSize; rank++) links[rank] = Own(new InProcessStageLink());
        for (var stage = 0; stage < pipeline; stage++)
        {
            var group = Own(new InProcessGroup(tensorParallel));
            foreach (var shard in plan.Stage(stage))
            {
                if (!shard.IsLastStage) links[shard.Rank].Next = links[shard.Rank + tensorParallel];
                var device = Own(open?.Invoke(shard.Rank) ?? new CpuDeviceProvider().Open(0, new DeviceOptions { Threads = threads }));
                var weights = Own(ShardModel.Load(device, _file, Config, shard));
                var shape = new KvCacheShape
                {
                    Layers = [.. Enumerable.Range(shard.Layers.Start, shard.Layers.Count).Select(layer => cacheFormat.Layer(layer, Config.LayerCount, Config.HeadDim))],
                    KvHeadCount = shard.KvHeads.Count,
                    HeadDim = Config.HeadDim,
                    BlockTokens = BlockTokens,
                    BlockCount = BlockCount,
                };
                KvBytesPerToken += shape.BytesPerToken;
                var cache = Own(device.CreateKvCache(shape, weights.OutputGrams));
                var collective = tensorParallel == 1 ? new SingleRankCollective() : group.Ranks[shard.TensorRank];
                var executor = Own(new ShardExecutor(device, weights, [cache], collective, links[shard.Rank], BlockTokens * BlockCount));
                _ranks[shard.Rank] = Own(new RankThread(executor));
            }
        }
    }

    public ModelConfig Config { get; }

    public long KvBytesPerToken { get; private set; }

    /// <summary>Bytes that the calling thread of each rank allocated in its last step.</summary>
    public IEnumerable<long> AllocatedInLastStep => _ranks.Select(rank => rank.AllocatedInLastStep);

    /// <summary>Whether the devices' kernels are timed.</summary>
    public bool TimesKernels { get; set; }

    /// <summary>What each rank's kernels took in the last step, if they were timed.</summary>
    public IEnumerable<KernelTotal[]> Kernels => _ranks.Select(rank => rank.Kernels);

    /// <summary>Runs tokens of the one sequence and returns the merged rows that were asked for.</summary>
    /// <param name="rows">For each row: the token's index in <paramref name="tokens"/>, candidates wanted, ids wanted.</param>
    public MergedLogits[] Step(ReadOnlySpan<int> tokens, int start, params (int Token, int Candidates, int[] Requested)[] rows) =>
        StepBeside([], tokens, start, rows);

    /// <summary>The same in one step with the prompt of another sequence, of a few blocks, before them.</summary>
    public MergedLogits[] StepBeside(
        ReadOnlySpan<int> other, ReadOnlySpan<int> tokens, int start, params (int Token, int Candidates, int[] Requested)[] rows)
    {
        foreach (var rank in _ranks)
        {
            rank.Batch.Clear();
            if (other.Length > 0) Add(rank.Batch, other, 0, BlockCount - BlocksFor(other.Length));
            Fill(rank.Batch, tokens, start, rows);
            rank.Batch.TimesKernels = TimesKernels;
        }

        foreach (var rank in _ranks) rank.Start();
        foreach (var rank in _ranks) rank.Wait();
        var last = _ranks[^_tensorParallel..];
        return [.. Enumerable.Range(0, rows.Length).Select(row => MergedLogits.Merge(last.Select(rank => rank.Output), row))];
    }

    /// <summary>Runs tokens of the one sequence and returns the sums of the hidden states of ranges of them, one after the other.</summary>
    public double[] Pool(ReadOnlySpan<int> tokens, int start, params PooledRange[] ranges)
    {
        foreach (var rank in _ranks)
        {
            rank.Batch.Clear();
            Fill(rank.Batch, tokens, start, []);
            foreach (var range in ranges) rank.Batch.PooledRanges.Add(range);
        }

        foreach (var rank in _ranks) rank.Start();
        foreach (var rank in _ranks) rank.Wait();
        return _ranks[^_tensorParallel].Output.PooledSums.Span.ToArray();
    }

    /// <summary>The greedy continuation of a prompt, the prompt being run in chunks of <paramref name="chunk"/> tokens.</summary>
    public int[] Greedy(int[] prompt, int count, int chunk = 512)
    {
        var position = 0;
        MergedLogits? next = null;
        while (position < prompt.Length)
        {
            var length = Math.Min(chunk, prompt.Length - position);
            next = Step(prompt.AsSpan(position, length), position, (length - 1, 1, []))[0];
            position += length;
        }

        var generated = new List<int>();
        while (true)
        {
            generated.Add(next!.Candidates[0].Id);
            if (generated.Count == count) return [.. generated];
            next = Step([generated[^1]], position++, (0, 1, []))[0];
        }
    }

    public void Dispose()
    {
        foreach (var part in Enumerable.Reverse(_parts)) part.Dispose();
        _file.Dispose();
    }

    private static void Fill(StepBatch batch, ReadOnlySpan<int> tokens, int start, (int Token, int Candidates, int[] Requested)[] rows)
    {
        var first = batch.TokenCount;
        Add(batch, tokens, start, 0);
        foreach (var (token, candidates, requested) in rows)
        {
            batch.LogitsRows.Add(new LogitsRow(
                first + token, candidates, 1, null, start + token + 1, batch.RequestedIds.Count, requested.Length));
            foreach (var id in requested) batch.RequestedIds.Add(id);
        }
    }

    private static int BlocksFor(int tokens) => (tokens + BlockTokens - 1) / BlockTokens;

    /// <summary>Adds a sequence; its blocks, from <paramref name="firstBlock"/> on, are in a scattered order, so that a table that is ignored shows.</summary>
    private static void Add(StepBatch batch, ReadOnlySpan<int> tokens, int start, int firstBlock)
    {
        var blocks = BlocksFor(start + tokens.Length);
        batch.Sequences.Add(new SequenceSpan(batch.TokenCount, tokens.Length, start, batch.BlockTable.Count, blocks));
        for (var block = firstBlock; block < firstBlock + blocks; block++) batch.BlockTable.Add((block * 7 + 3) % BlockCount);
        for (var i = 0; i < tokens.Length; i++)
        {
            batch.TokenIds.Add(tokens[i]);
            batch.Positions.Add(start + i);
        }
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }
}
