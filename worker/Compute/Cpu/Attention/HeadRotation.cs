using System.Numerics;
using Cluster.Model.Architecture;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>Rotates one head in place by a token's factors (see <see cref="RotaryAngles"/>).</summary>
internal static unsafe class HeadRotation
{
    public static void Apply(float* head, float* cosines, float* sines, int dimensions, RopeStyle style)
    {
        if (style == RopeStyle.Interleaved) Interleaved(head, cosines, sines, dimensions);
        else HalfSplit(head, cosines, sines, dimensions / 2);
    }

    private static void Interleaved(float* head, float* cosines, float* sines, int dimensions)
    {
        var i = 0;
        for (; i + Vector<float>.Count <= dimensions; i += Vector<float>.Count)
        {
            var x = Vector.Load(head + i);
            var pairs = Vector.AsVectorUInt64(x);
            var swapped = Vector.ShiftLeft(pairs, 32) | Vector.ShiftRightLogical(pairs, 32);
            Vector.MultiplyAddEstimate(Vector.AsVectorSingle(swapped), Vector.Load(sines + i), x * Vector.Load(cosines + i)).Store(head + i);
        }

        for (; i < dimensions; i += 2)
        {
            var (x, y) = (head[i], head[i + 1]);
            head[i] = x * cosines[i] + y * sines[i];
            head[i + 1] = y * cosines[i + 1] + x * sines[i + 1];
        }
    }

    private static void HalfSplit(float* head, float* cosines, float* sines, int half)
    {
        var i = 0;
        for (; i + Vector<float>.Count <= half; i += Vector<float>.Count)
        {
            var (x, y) = (Vector.Load(head + i), Vector.Load(head + half + i));
            Vector.MultiplyAddEstimate(y, Vector.Load(sines + i), x * Vector.Load(cosines + i)).Store(head + i);
            Vector.MultiplyAddEstimate(x, Vector.Load(sines + half + i), y * Vector.Load(cosines + half + i)).Store(head + half + i);
        }

        for (; i < half; i++)
        {
            var (x, y) = (head[i], head[half + i]);
            head[i] = x * cosines[i] + y * sines[i];
            head[half + i] = y * cosines[half + i] + x * sines[half + i];
        }
    }
}
