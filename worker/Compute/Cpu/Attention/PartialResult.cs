using System.Numerics;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>A row's attention over a range of the context: largest score, sum of probabilities relative to it, unnormalized output.</summary>
internal readonly unsafe struct PartialResult(float* memory)
{
    private const int HeaderFloats = 16;

    private float Max => memory[0];

    private float Sum => memory[1];

    private float* Output => memory + HeaderFloats;

    /// <summary>Size, in f32 elements.</summary>
    public static int Floats(int headDim) => HeaderFloats + (headDim + HeaderFloats - 1) / HeaderFloats * HeaderFloats;

    public void Write(float max, float sum, float* output, int headDim)
    {
        (memory[0], memory[1]) = (max, sum);
        new ReadOnlySpan<float>(output, headDim).CopyTo(new Span<float>(Output, headDim));
    }

    /// <summary>
    /// Adds the next range. One that the row sees nothing of changes nothing, so that a row may be given ranges that lie after it.
    /// </summary>
    public void Merge(float max, float sum, float* output, int headDim)
    {
        if (sum == 0) return;
        var largest = MathF.Max(Max, max);
        var keep = VectorMath.Exp2(new Vector<float>(Max - largest));
        var weight = VectorMath.Exp2(new Vector<float>(max - largest));
        (memory[0], memory[1]) = (largest, Sum * keep[0] + sum * weight[0]);
        var i = 0;
        for (; i + Vector<float>.Count <= headDim; i += Vector<float>.Count)
            (Vector.Load(Output + i) * keep + Vector.Load(output + i) * weight).Store(Output + i);
        for (; i < headDim; i++) Output[i] = Output[i] * keep[0] + output[i] * weight[0];
    }

    public void Merge(PartialResult next, int headDim) => Merge(next.Max, next.Sum, next.Output, headDim);

    /// <summary>Writes the output that the probabilities of all ranges make.</summary>
    public void Normalize(float* target, int headDim) => Normalize(Output, Sum, target, headDim);

    /// <summary>The same of an output that no range has been merged to.</summary>
    public static void Normalize(float* output, float sum, float* target, int headDim)
    {
        var scale = 1 / sum;
        for (var i = 0; i < headDim; i++) target[i] = output[i] * scale;
    }
}
