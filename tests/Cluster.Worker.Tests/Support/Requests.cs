using Cluster.Protos.V1;
using Google.Protobuf;
using ProtoRange = Cluster.Protos.V1.Range;
using WireFormat = Cluster.Protos.V1.WireFormat;

namespace Cluster.Worker.Tests.Support;

/// <summary>Well-formed requests, for tests to send or to spoil.</summary>
internal static class Requests
{
    public const int MaxStepTokens = 8;
    public const int BlockTokens = 16;
    public const int BlockCount = 4;

    /// <summary>Rank <paramref name="rank"/>'s shard of a plan over workers w0, w1 … at <paramref name="addresses"/>, one layer a stage.</summary>
    public static LoadShardRequest Load(
        ulong planVersion, int rank, int tensorParallelSize, IReadOnlyList<string> addresses, WireFormat wire = WireFormat.F32,
        ChannelKind channel = ChannelKind.Socket)
    {
        var plan = new Plan { Version = planVersion, TensorParallelSize = tensorParallelSize, PipelineSize = addresses.Count / tensorParallelSize };
        for (var i = 0; i < addresses.Count; i++)
        {
            var (stage, tensorRank) = Math.DivRem(i, tensorParallelSize);
            plan.Addresses.Add(addresses[i]);
            plan.Workers.Add($"w{i}");
            plan.Shards.Add(new Shard
            {
                Rank = i,
                Stage = stage,
                TensorRank = tensorRank,
                Layers = new ProtoRange { Start = stage, End = stage + 1 },
                KvHeads = new ProtoRange { Start = tensorRank, End = tensorRank + 1 },
                QueryHeads = new ProtoRange { Start = 2 * tensorRank, End = 2 * tensorRank + 2 },
                FeedForward = new ProtoRange { Start = 32 * tensorRank, End = 32 * tensorRank + 32 },
            });
        }

        return new LoadShardRequest
        {
            Plan = plan,
            Rank = rank,
            Model = new ModelReference { Path = "/models/none.gguf", Length = 1, HeaderSha256 = ByteString.CopyFrom(new byte[32]) },
            KvCache = new KvCacheOptions { Formats = { new CacheFormat { KeyType = "q8_0", ValueType = "q4_0" } }, BlockTokens = BlockTokens, BlockCount = BlockCount },
            Wire = wire,
            MaxStepTokens = MaxStepTokens,
            Channel = channel,
        };
    }

    /// <summary>A step of one token that asks for nothing.</summary>
    public static StepRequest Step(ulong planVersion, ulong stepId, int token = 1) => new()
    {
        PlanVersion = planVersion,
        StepId = stepId,
        TokenIds = { token },
        SequenceTokenCounts = { 1 },
        SequenceStartPositions = { 0 },
        SequenceBlockCounts = { 1 },
        BlockTable = { 0 },
    };

    /// <summary>Has the token of a step be the one that a row of the step before it chooses.</summary>
    public static StepRequest WithForeseen(this StepRequest step, int token, int row)
    {
        step.ForeseenTokens.Add(token);
        step.ForeseenRows.Add(row);
        return step;
    }

    /// <summary>Adds a logits row to a step.</summary>
    public static StepRequest WithRow(this StepRequest step, int token, int candidates = 1, float temperature = 1, params ReadOnlySpan<int> requested)
    {
        step.LogitsTokens.Add(token);
        step.LogitsCandidateCounts.Add(candidates);
        step.LogitsTemperatures.Add(temperature);
        step.LogitsNoise.Add(true);
        step.LogitsSeeds.Add(77);
        step.LogitsPositions.Add(5);
        step.LogitsRequestedCounts.Add(requested.Length);
        step.RequestedIds.AddRange(requested.ToArray());
        return step;
    }
}
