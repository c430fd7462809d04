using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.Sharding;
using Cluster.Protos.Models;

namespace Cluster.Worker.Weights;

/// <summary>Which pieces of a model's file a shard is in.</summary>
internal static class ShardPieces
{
    /// <param name="file">The model; its header suffices.</param>
    /// <param name="config">What it is.</param>
    /// <param name="shard">What is taken of it.</param>
    /// <param name="start">The part of them that comes last, in [0, 1): where the worker begins.</param>
    public static int[] Of(GgufFile file, ModelConfig config, Shard shard, double start)
    {
        var pieces = new SortedSet<int>();
        foreach (var cut in TensorCuts.All(config, shard, file.Tensors))
        {
            var tensor = file.GetTensor(cut.Tensor.Name);
            var (offset, count) = (tensor.Offset, tensor.ByteCount);
            if (cut is { Kind: TensorCutKind.ColumnParallel, Tensor.IsMatrix: true })
            {
                var row = tensor.ByteCount / tensor.Dimensions[1];
                (offset, count) = (offset + cut.Rows.Start * row, cut.Rows.Count * row);
            }

            if (count == 0) continue;
            for (var piece = offset / PieceHashes.PieceBytes; piece <= (offset + count - 1) / PieceHashes.PieceBytes; piece++) pieces.Add((int)piece);
        }

        var first = (int)(start * pieces.Count);
        return [.. pieces.Skip(first), .. pieces.Take(first)];
    }
}
