using System.Numerics;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>A row's attention over a range of the context: largest score, sum of probabilities relative to it, unnormalized output.</summary>
internal readonly unsafe struct PartialResult(float* memory)
{
    private const int HeaderFloats = 16;

    private float* Output => memory + HeaderFloats;

    /// <summary>Size, in f32 elements.</summary>
    public static int Floats(int headDim) => HeaderFloats + (headDim + HeaderFloats - 1) / HeaderFloats * HeaderFloats;

    public void Write(float max, float sum, float* output, int headDim)
    {
        (memory[0], memory[1]) = (max, sum);
        new ReadOnlySpan<float>(output, headDim).CopyTo(new Span<float>(Output, headDim));
    }

    /// <summary>Joins <paramref name="count"/> ranges, <paramref name="stride"/> elements apart, in order, and normalizes.</summary>
    public static void Combine(float* first, long stride, int count, float* output, int headDim)
    {
        var max = first[0];
        for (var i = 1; i < count; i++) max = MathF.Max(max, first[i * stride]);
        var sum = 0f;
        new Span<float>(output, headDim).Clear();
        for (var i = 0; i < count; i++)
        {
            var part = new PartialResult(first + i * stride);
            var weight = VectorMath.Exp2(new Vector<float>(first[i * stride] - max))[0];
            sum += weight * first[i * stride + 1];
            AddScaled(output, part.Output, weight, headDim);
        }

        var scale = 1 / sum;
        for (var i = 0; i < headDim; i++) output[i] *= scale;
    }

    private static void AddScaled(float* target, float* source, float factor, int count)
    {
        var i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count)
            Vector.MultiplyAddEstimate(Vector.Load(source + i), new Vector<float>(factor), Vector.Load(target + i)).Store(target + i);
        for (; i < count; i++) target[i] += source[i] * factor;
    }
}
