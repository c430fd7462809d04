using System.Diagnostics;
using Cluster.Compute.Cpu;
using Cluster.Compute.Cpu.Limits;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Benchmarks.Attention;

/// <summary>
/// Time of one layer's attention for one token at the end of a context, and of a chunk of tokens, and of rotating and caching a token. Enough layers take turns that a cache
/// comes from memory, as between the weights of a real model.
/// </summary>
internal sealed class AttentionBenchmark(AttentionBenchmarkOptions options)
{
    private const long StreamBytes = 160L << 20;
    private const int BlockTokens = 32;
    private const int FillTokens = 256;
    private const int BandwidthPasses = 5;

    /// <summary>Multiplications of one repetition of a chunk.</summary>
    private const double ChunkOperations = 4e9;

    private readonly RotaryTable _rotary = new([1, 0.1f, 0.01f, 0.001f], RopeStyle.Interleaved, 1);

    public static void Run(AttentionBenchmarkOptions options) => new AttentionBenchmark(options).Run();

    private void Run()
    {
        Console.WriteLine($"{CpuIsa.Best.Name}, {Environment.ProcessorCount} cores, one layer, tenth percentile of {options.Repetitions} rounds");
        foreach (var threads in options.Threads)
        {
            using var device = new CpuDeviceProvider().Open(0, new DeviceOptions { Threads = threads });
            Console.WriteLine($"{threads} threads, plain reads {Bandwidth(threads) / 1e9:f1} GB/s");
            foreach (var (heads, kvHeads, headDim) in options.Shapes)
            {
                foreach (var context in options.Contexts)
                {
                    foreach (var (keys, values) in options.Types)
                        Run(device, new AttentionShape(heads, kvHeads, headDim, 1 / MathF.Sqrt(headDim)), keys, values, context);
                }
            }
        }
    }

    private double Bandwidth(int threads)
    {
        using var team = new ThreadTeam(threads);
        using var bandwidth = new ReadBandwidth(team);
        return Median([.. Enumerable.Range(0, BandwidthPasses).Select(_ => bandwidth.Measure())]);
    }

    private void Run(IDevice device, AttentionShape shape, TensorType keys, TensorType values, int context)
    {
        var blocks = (context + BlockTokens - 1) / BlockTokens;
        var format = new KvCacheFormat { KeyType = keys, ValueType = values }.Layer(0, 1, shape.HeadDim);
        var cacheShape = new KvCacheShape
        {
            Layers = [format],
            KvHeadCount = shape.KvHeadCount,
            HeadDim = shape.HeadDim,
            BlockTokens = BlockTokens,
            BlockCount = blocks,
        };
        cacheShape = cacheShape with { Layers = format.Repeat((int)Math.Max(1, StreamBytes / cacheShape.TotalBytes)) };
        using var cache = device.CreateKvCache(cacheShape);
        var rows = Math.Max(FillTokens, options.Chunk);
        using var qkv = device.Allocate((long)rows * shape.QkvWidth);
        using var output = device.Allocate((long)rows * shape.HeadCount * shape.HeadDim);
        Fill(device, shape, cache, qkv, context);

        var appended = Math.Min(FillTokens, context);
        var append = Measure(device, context, appended, cacheShape.LayerCount, layer => device.RotateAndAppend(qkv, shape, cache, layer)) / appended;
        var decode = MeasureAttention(device, shape, cache, qkv, output, context, 1);
        var bytes = (double)context * cacheShape.BytesPerToken / cacheShape.LayerCount;
        var line = $"  {shape.HeadCount}/{shape.KvHeadCount} x {shape.HeadDim,-3} context {context,5} {keys,4}/{values,-4}: "
            + $"append {append * 1e6,6:f2} us, decode {decode * 1e6,7:f1} us {bytes / decode / 1e9,5:f1} GB/s";
        if (options.Chunk > 0 && options.Chunk <= context)
        {
            var chunk = MeasureAttention(device, shape, cache, qkv, output, context, options.Chunk);
            line += $", {options.Chunk} tokens {chunk * 1e3,7:f1} ms {Multiplications(shape, context, options.Chunk) / chunk / 1e9,5:f1} GMAC/s";
        }

        Console.WriteLine(line);
    }

    /// <summary>Appends the same random rows over and over.</summary>
    private void Fill(IDevice device, AttentionShape shape, KvCacheShard cache, DeviceBuffer qkv, int context)
    {
        var random = new Random(1);
        foreach (ref var value in qkv.OverwriteHost((int)qkv.Count)) value = random.NextSingle() * 2 - 1;
        qkv.WriteHost((int)qkv.Count);
        for (var start = 0; start < context; start += FillTokens)
        {
            device.BeginStep(Batch(context, start, Math.Min(FillTokens, context - start)), _rotary);
            for (var layer = 0; layer < cache.Shape.LayerCount; layer++) device.RotateAndAppend(qkv, shape, cache, layer);
        }
    }

    private double MeasureAttention(
        IDevice device, AttentionShape shape, KvCacheShard cache, DeviceBuffer qkv, DeviceBuffer output, int context, int tokens)
    {
        var layers = cache.Shape.LayerCount;
        if (tokens > 1) layers = (int)Math.Clamp(ChunkOperations / Multiplications(shape, context, tokens), 1, layers);
        return Measure(
            device, context, tokens, layers,
            layer => device.Attention(qkv, shape, cache, layer, output, shape.HeadCount * shape.HeadDim, 0));
    }

    /// <summary>Seconds of one layer at the end of a context: the tenth percentile, as the rest is other programs' doing.</summary>
    private double Measure(IDevice device, int context, int tokens, int layers, Action<int> run)
    {
        device.BeginStep(Batch(context, context - tokens, tokens), _rotary);
        var seconds = new double[options.Repetitions * layers];
        for (var i = -layers; i < seconds.Length; i++)
        {
            var clock = Stopwatch.StartNew();
            run((i + layers) % layers);
            device.Synchronize();
            if (i >= 0) seconds[i] = clock.Elapsed.TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[seconds.Length / 10];
    }

    private static double Multiplications(AttentionShape shape, int context, int tokens) =>
        2.0 * shape.HeadCount * shape.HeadDim * tokens * (context - (tokens - 1) / 2.0);

    private static StepBatch Batch(int context, int start, int tokens)
    {
        var batch = new StepBatch();
        var blocks = (context + BlockTokens - 1) / BlockTokens;
        batch.Sequences.Add(new SequenceSpan(0, tokens, start, 0, blocks));
        for (var i = 0; i < blocks; i++) batch.BlockTable.Add(i);
        for (var i = 0; i < tokens; i++)
        {
            batch.TokenIds.Add(i);
            batch.Positions.Add(start + i);
        }

        return batch;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
