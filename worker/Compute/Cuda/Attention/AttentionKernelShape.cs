using System.Runtime.InteropServices;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>AttentionShape in attention_end.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct AttentionKernelShape(AttentionShape shape, int tokens, int tileTokens)
{
    private readonly int _heads = shape.HeadCount;
    private readonly int _kvHeads = shape.KvHeadCount;
    private readonly int _tokens = tokens;
    private readonly int _qkvWidth = shape.QkvWidth;

    /// <summary>Weights are powers of 2.</summary>
    private readonly float _scale = shape.Scale * 1.44269504088896f;

    /// <summary>Cached tokens that a warp takes at once.</summary>
    private readonly int _tileTokens = tileTokens;
}
