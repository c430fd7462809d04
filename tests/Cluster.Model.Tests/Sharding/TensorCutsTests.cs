using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;
using Cluster.Model.Sharding;

namespace Cluster.Model.Tests.Sharding;

public sealed class TensorCutsTests
{
    [Fact]
    public void ACutInsideAWeightBlockKeepsTheWholeBlock()
    {
        // Ranks own heads [0,4) [4,6) [6,8) of 64: columns [0,256) [256,384) [384,512); a Q4_K block is 256 wide.
        ModelConfig config = TestModels.Shape();
        ShardPlan plan = ShardPlanBuilder.Build(config, 3, 1, 256, 1).Plan!;

        RowParallelCut[] cuts = [.. plan.Shards.Select(shard => TensorCuts.AttentionOutput(config, shard, TensorType.Q4_K))];

        Assert.Equal(new RowParallelCut(new(0, 256), new(0, 256)), cuts[0]);
        Assert.Equal(new RowParallelCut(new(256, 384), new(256, 512)), cuts[1]);
        Assert.Equal((0, 256), (cuts[1].InputOffset, cuts[1].InputWidth));
        Assert.Equal(new RowParallelCut(new(384, 512), new(256, 512)), cuts[2]);
        Assert.Equal((128, 256), (cuts[2].InputOffset, cuts[2].InputWidth));
        RowParallelCut fine = TensorCuts.AttentionOutput(config, plan.Shards[2], TensorType.Q4_0);
        Assert.Equal(fine.Owned, fine.Kept);
    }

    [Fact]
    public void AHeadSmallerThanABlockIsKeptWithItsNeighbours()
    {
        ModelConfig config = TestModels.Shape(headDim: 8, feedForward: 172); // the shape of stories260K
        ShardPlan plan = ShardPlanBuilder.Build(config, 4, 1, 32, 1).Plan!;

        RowParallelCut cut = TensorCuts.AttentionOutput(config, plan.Shards[1], TensorType.Q8_0);

        Assert.Equal(new RowParallelCut(new(16, 32), new(0, 32)), cut);
        Assert.Throws<ArgumentException>(() => TensorCuts.FeedForwardDown(config, plan.Shards[1], TensorType.Q8_0)); // 172 is no whole number of blocks
        Assert.Equal(new IndexRange(43, 86), TensorCuts.FeedForwardDown(config, plan.Shards[1], TensorType.F32).Kept);
    }

    [Fact]
    public void AProductOfKeptColumnsAndPaddedInputsIsTheRanksPartialSum()
    {
        var random = new Random(99);
        for (int round = 0; round < 100; round++)
        {
            int blockSize = random.Next(2) == 0 ? 32 : 256;
            int columns = blockSize * random.Next(1, 9);
            float[] row = Values(random, columns), input = Values(random, columns);
            int parts = random.Next(1, Math.Min(6, columns));
            double total = 0;
            foreach (IndexRange owned in Apportionment.Cut(columns, 1, [.. Values(random, parts).Select(value => (double)MathF.Abs(value) + 0.01)]))
            {
                RowParallelCut cut = RowParallelCut.Align(owned, blockSize, columns);
                float[] padded = new float[cut.InputWidth];
                input.AsSpan(owned.Start, owned.Count).CopyTo(padded.AsSpan(cut.InputOffset));
                Assert.Equal(0, cut.Kept.Start % blockSize);
                Assert.Equal(0, cut.Kept.End % blockSize);
                for (int i = 0; i < padded.Length; i++) total += (double)padded[i] * row[cut.Kept.Start + i];
            }
            double expected = 0;
            for (int i = 0; i < columns; i++) expected += (double)row[i] * input[i];
            Assert.Equal(expected, total, 1e-9);
        }
    }

    [Fact]
    public void EveryElementOfEveryTensorIsTakenByExactlyOneTensorRankOrByAll()
    {
        var random = new Random(5);
        for (int round = 0; round < 30; round++)
        {
            int kvHeads = random.Next(1, 5);
            ModelConfig config = TestModels.Shape(random.Next(1, 6), kvHeads * 2, kvHeads, 32, 32 * random.Next(5, 40), 32 * random.Next(5, 40), random.Next(2) == 0);
            List<GgufTensor> tensors = TestModels.Tensors(config, TensorType.Q4_0, withOptional: true);
            ShardPlan plan = ShardPlanBuilder.Build(
                config, random.Next(1, kvHeads + 1), random.Next(1, config.LayerCount + 1), TensorCuts.FeedForwardUnit(config, tensors), 1).Plan!;
            var taken = new Dictionary<(string Name, TensorCutKind Kind), long>();
            foreach (Shard shard in plan.Shards)
            {
                foreach (TensorCut cut in TensorCuts.All(config, shard, tensors))
                {
                    taken.TryGetValue((cut.Tensor.Name, cut.Kind), out long elements);
                    taken[(cut.Tensor.Name, cut.Kind)] = elements + (long)cut.Rows.Count * cut.Owned.Count;
                }
            }

            foreach (GgufTensor tensor in tensors)
            {
                bool isBiasOfPartialSums = tensor.Name.EndsWith("attn_output.bias", StringComparison.Ordinal) || tensor.Name.EndsWith("ffn_down.bias", StringComparison.Ordinal);
                long replicas = tensor.Name == TensorNames.RopeFrequencies ? plan.WorldSize : isBiasOfPartialSums ? 1 : plan.TensorParallelSize;
                bool isSplit = taken.ContainsKey((tensor.Name, TensorCutKind.ColumnParallel)) || taken.ContainsKey((tensor.Name, TensorCutKind.RowParallel));
                bool isWhole = taken.ContainsKey((tensor.Name, TensorCutKind.Whole)) || taken.ContainsKey((tensor.Name, TensorCutKind.LookupTable));
                Assert.True(isSplit || isWhole, tensor.Name);
                foreach (((string name, TensorCutKind kind), long elements) in taken)
                {
                    if (name != tensor.Name) continue;
                    bool isReplicated = kind is TensorCutKind.Whole or TensorCutKind.LookupTable;
                    Assert.Equal(tensor.ElementCount * (isReplicated ? replicas : 1), elements);
                }
                Assert.Equal(tensor.Name == TensorNames.TokenEmbedding && config.TiedEmbeddings, isSplit && isWhole);
            }
        }
    }

    [Fact]
    public void TheFeedForwardUnitIsTheCoarsestDownProjection()
    {
        ModelConfig config = TestModels.Shape(layers: 3);
        List<GgufTensor> tensors = TestModels.Tensors(config, TensorType.Q4_0);
        Assert.Equal(32, TensorCuts.FeedForwardUnit(config, tensors));

        int index = tensors.FindIndex(tensor => tensor.Name == TensorNames.FeedForwardDown(1));
        tensors[index] = tensors[index] with { Type = TensorType.Q6_K };
        Assert.Equal(256, TensorCuts.FeedForwardUnit(config, tensors));
        Assert.Equal(32, TensorCuts.FeedForwardUnit(config, TestModels.Tensors(config, TensorType.F16)));
    }

    private static float[] Values(Random random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = random.NextSingle() * 2 - 1;
        return values;
    }
}
