using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>The one place where rows become what the cache keeps of them: blocks in file format.</summary>
internal static class RowQuantizer
{
    public static void Quantize(TensorTrait trait, ReadOnlySpan<float> row, Span<byte> blocks)
    {
        if (trait.Type == TensorType.Q8_0) Q8_0Quantizer.Quantize(row, blocks);
        else trait.Quantize(row, blocks);
    }
}
