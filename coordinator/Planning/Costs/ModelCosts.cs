using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Planning.Costs;

/// <summary>Counts what shards of a model cost. Layers of the same formats are counted once, so that a planner may ask for many shards.</summary>
internal sealed class ModelCosts
{
    private readonly ModelFacts _model;
    private readonly KvCacheFormat _cacheFormat;
    private readonly List<LayerKind> _layers = [];
    private readonly List<(TensorSpec Tensor, TensorType Type)> _others = [];

    public ModelCosts(ModelFacts model, KvCacheFormat cacheFormat)
    {
        _model = model;
        _cacheFormat = cacheFormat;
        var types = model.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Type);
        var present = ModelTensors.All(model.Config).Where(tensor => types.ContainsKey(tensor.Name)).Select(tensor => (tensor, types[tensor.Name])).ToList();
        _others.AddRange(present.Where(tensor => tensor.tensor.Layer is null));
        foreach (var layer in present.Where(tensor => tensor.tensor.Layer is not null).GroupBy(tensor => tensor.tensor.Layer!.Value))
        {
            var kind = _layers.Find(kind => kind.Tensors.Select(Form).SequenceEqual(layer.Select(Form)));
            if (kind is null) _layers.Add(kind = new LayerKind([.. layer], []));
            kind.Layers.Add(layer.Key);
        }

        static (TensorRole, TensorType) Form((TensorSpec Tensor, TensorType Type) tensor) => (tensor.Tensor.Role, tensor.Type);
    }

    public RankCost Of(Shard shard)
    {
        var sum = default(Sum);
        foreach (var kind in _layers)
        {
            var count = kind.Layers.Count(shard.Layers.Contains);
            if (count == 0) continue;
            var first = kind.Layers[0];
            sum.Add(Count(kind.Tensors, shard with { Layers = new IndexRange(first, first + 1) }), count);
        }

        sum.Add(Count(_others, shard), 1);
        return new RankCost
        {
            Stage = shard.Stage,
            WeightBytes = sum.WeightBytes,
            EmbeddingRowBytes = sum.EmbeddingRowBytes,
            KvBytesPerToken = ShardSize.KvBytesOf(_model.Config, shard, _cacheFormat),
            LayerMultiplyAdds = sum.LayerMultiplyAdds,
            HeadMultiplyAdds = sum.HeadMultiplyAdds,

            // Scores, and the sum of values.
            AttentionMultiplyAdds = 2L * shard.QueryHeads.Count * _model.Config.HeadDim * shard.Layers.Count,
        };
    }

    private Sum Count(List<(TensorSpec Tensor, TensorType Type)> tensors, Shard shard)
    {
        var sum = default(Sum);
        foreach (var (tensor, type) in tensors)
        {
            foreach (var cut in TensorCuts.Of(_model.Config, shard, tensor, type)) sum.Add(cut);
        }

        return sum;
    }

    private sealed record LayerKind(List<(TensorSpec Tensor, TensorType Type)> Tensors, List<int> Layers);

    private struct Sum
    {
        public long WeightBytes, EmbeddingRowBytes, LayerMultiplyAdds, HeadMultiplyAdds;

        public void Add(TensorCut cut)
        {
            if (cut.Kind == TensorCutKind.LookupTable)
            {
                EmbeddingRowBytes = TensorTraits.Get(cut.Type).BytesFor(cut.Kept.Count);
                return;
            }

            WeightBytes += cut.ByteCount;
            if (!cut.Tensor.IsMatrix) return;
            var multiplyAdds = (long)cut.Rows.Count * cut.Owned.Count;
            if (cut.Tensor.Role is TensorRole.Output or TensorRole.TokenEmbedding) HeadMultiplyAdds += multiplyAdds;
            else LayerMultiplyAdds += multiplyAdds;
        }

        public void Add(Sum other, int times)
        {
            WeightBytes += times * other.WeightBytes;
            EmbeddingRowBytes += other.EmbeddingRowBytes;
            LayerMultiplyAdds += times * other.LayerMultiplyAdds;
            HeadMultiplyAdds += other.HeadMultiplyAdds;
        }
    }
}
