using System.Numerics;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Tests.Cpu.Vectors;

public class VectorMathTests
{
    [Fact]
    public void Exp2_is_within_three_ten_millionths()
    {
        for (var x = -125.9f; x < 126.9f; x += 0.0137f)
        {
            var expected = Math.Pow(2, x);
            Assert.InRange(VectorMath.Exp2(new Vector<float>(x))[0] / expected, 1 - 3e-7, 1 + 3e-7);
        }
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-1f, 0.5f)]
    [InlineData(-127f, 0f)]
    [InlineData(-1e38f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp2_has_exact_ends(float x, float expected) => Assert.Equal(expected, VectorMath.Exp2(new Vector<float>(x))[0], 1.5e-7f);

    [Fact]
    public void Exp2_caps_instead_of_wrapping() => Assert.Equal(MathF.Pow(2, 127), VectorMath.Exp2(new Vector<float>(1e30f))[0], 1e32f);

    [Fact]
    public unsafe void Every_finite_half_widens_exactly()
    {
        var source = stackalloc ushort[Vector<float>.Count];
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (!Half.IsFinite(half)) continue;
            new Span<ushort>(source, Vector<float>.Count).Fill((ushort)bits);
            Assert.Equal((float)half, VectorLoad.WidenHalf(source)[Vector<float>.Count - 1]);
        }
    }

    [Fact]
    public void Pairs_multiply_and_add_at_the_ends_of_their_range()
    {
        var random = new Random(3);
        var (a, b) = (new short[Vector<short>.Count], new short[Vector<short>.Count]);
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = (short)random.Next(short.MinValue + 1, short.MaxValue);
            b[i] = (short)random.Next(short.MinValue + 1, short.MaxValue);
        }

        (a[0], a[1], b[0], b[1]) = (short.MaxValue, short.MaxValue, -short.MaxValue, -short.MaxValue);
        var sums = PairProduct.MultiplyAddAdjacent(new Vector<short>(a), new Vector<short>(b));
        for (var i = 0; i < Vector<int>.Count; i++) Assert.Equal(a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1], sums[i]);
    }
}
