using Cluster.Compute.Cpu.Cache.Rounding;
using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>What errors of a layer's values cost, a KV head after the other, on the device (OutputWeights in rounding.cuh).</summary>
internal sealed unsafe class DeviceOutputWeights : IDisposable
{
    private readonly DeviceMemoryHandle _memory;

    public DeviceOutputWeights(CudaContext context, ReadOnlySpan<OutputWeights> heads, int headDim)
    {
        var headBytes = (2L * headDim + 1) * headDim * sizeof(float);
        var tableBytes = (heads.Length * 3L * sizeof(ulong) + 255) / 256 * 256;
        _memory = context.Allocate(tableBytes + heads.Length * headBytes);
        var table = stackalloc ulong[heads.Length * 3];
        for (var i = 0; i < heads.Length; i++)
        {
            var gram = _memory.Address + (ulong)(tableBytes + i * headBytes);
            var feedback = gram + (ulong)((long)headDim * headDim * sizeof(float));
            var diagonal = feedback + (ulong)((long)headDim * headDim * sizeof(float));
            (table[3 * i], table[3 * i + 1], table[3 * i + 2]) = (gram, feedback, diagonal);
            Upload(context, heads[i].Gram, gram);
            Upload(context, heads[i].Feedback, feedback);
            Upload(context, heads[i].InverseDiagonal, diagonal);
        }

        context.Upload(table, Table, heads.Length * 3L * sizeof(ulong));
        context.Synchronize();
    }

    /// <summary>Three addresses a head.</summary>
    public ulong Table => _memory.Address;

    public long Bytes => _memory.Bytes;

    public void Dispose() => _memory.Dispose();

    private static void Upload(CudaContext context, ReadOnlySpan<float> values, ulong target)
    {
        fixed (float* source = values) context.Upload(source, target, (long)values.Length * sizeof(float));
    }
}
