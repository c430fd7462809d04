using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Cpu.Elementwise;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cpu;

public class AllocationTests
{
    private const int Width = 128;
    private const int Vocabulary = 9000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_decode_step_of_a_size_seen_before_allocates_nothing(int threads)
    {
        using var device = TestDevices.Open(threads);
        var shape = new AttentionShape(4, 2, 32, 0.2f);
        using var cache = device.CreateKvCache(new KvCacheShape
        {
            Layers = [new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0)],
            KvHeadCount = 2,
            HeadDim = 32,
            BlockTokens = 16,
            BlockCount = 24,
        });
        using var weights = new ArrayWeights(new byte[Vocabulary * Width * 2], isMapped: true);
        using var table = device.LoadEmbedding(new MatrixSource
        {
            Name = "token_embd.weight",
            Type = TensorType.F16,
            SourceColumns = Width,
            RowStart = 0,
            Rows = Vocabulary,
            ColumnStart = 0,
            Columns = Width,
            Reader = weights,
        });
        using var hidden = device.Allocate(Width);
        using var gain = device.Buffer(RandomValues.Normal(1, Width));
        using var qkv = device.Buffer(RandomValues.Normal(2, shape.QkvWidth));
        using var gateUp = device.Buffer(RandomValues.Normal(3, 2 * 5000));
        using var wide = device.Allocate(5000);
        using var logits = device.Buffer(RandomValues.Normal(4, Vocabulary));
        var rotary = new RotaryTable([1, 0.1f, 0.01f], RopeStyle.HalfSplit, 1);
        var (batch, output) = (new StepBatch(), new StepOutput());

        for (var position = 300; position < 304; position++) Step(position);

        // Paths that only some timings of the threads take, as taking over a late thread's part, may allocate once in the runtime's own
        // code when they are first taken. What a step itself allocates is in every window.
        Assert.Contains(Enumerable.Range(0, 6), window => AllocatedBy(304 + 10 * window, 10) == 0);

        long AllocatedBy(int start, int steps)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var position = start; position < start + steps; position++) Step(position);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Step(int position)
        {
            batch.Clear();
            output.Clear();
            batch.TokenIds.Add(position);
            batch.Positions.Add(position);
            batch.Sequences.Add(new SequenceSpan(0, 1, position, 0, 24));
            for (var i = 0; i < 24; i++) batch.BlockTable.Add(i);
            batch.LogitsRows.Add(new LogitsRow(0, 8, 0.8f, 42, position, 0, 0));
            device.BeginStep(batch, rotary);
            device.Embed(table, batch.TokenIds.Span, hidden);
            device.RmsNorm(hidden, gain, 1e-5f, 1, hidden);
            device.RotateAndAppend(qkv, shape, cache, 0);
            device.Attention(qkv, shape, cache, 0, hidden, Width, 0);
            device.SwiGlu(gateUp, 5000, 1, wide, 5000, 0);
            device.Add(hidden, gain, 1, Width);
            device.GatherRows(hidden, Width, [0], wide);
            device.SummarizeLogits(logits, Vocabulary, 0, batch, 0, 1, output);
        }
    }
}
