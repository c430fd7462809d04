using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Values;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cpu.Attention;

public unsafe class HadamardTransformTests
{
    [Theory]
    [InlineData(32, 32)]
    [InlineData(64, 64)]
    [InlineData(64, 32)]
    [InlineData(96, 32)]
    [InlineData(128, 128)]
    [InlineData(160, 32)]
    [InlineData(256, 256)]
    public void It_is_the_naive_matrix_and_its_own_inverse(int length, int size)
    {
        var row = RandomValues.Normal(43 + length, length);
        var expected = (float[])row.Clone();
        ReferenceAttention.Spread(expected, size);
        var actual = Apply(row, size);
        Assert.InRange(Difference.Largest(expected, actual), 0, 5e-7);
        Assert.InRange(Difference.Largest(row, Apply(actual, size)), 0, 1e-6);
    }

    [Fact]
    public void One_large_element_is_spread_evenly()
    {
        var row = new float[64];
        row[37] = -8;
        Assert.All(Apply(row, 64), element => Assert.Equal(1, MathF.Abs(element)));
    }

    [Fact]
    public void Size_0_leaves_a_head_as_it_is()
    {
        var row = RandomValues.Normal(47, 20);
        Assert.Equal(row, Apply(row, 0));
    }

    [Theory]
    [InlineData(32, 32)]
    [InlineData(80, 0)]
    [InlineData(96, 32)]
    [InlineData(128, 128)]
    [InlineData(192, 64)]
    [InlineData(8, 0)]
    public void Sizes_divide_the_head(int headDim, int size) => Assert.Equal(size, HadamardSize.For(headDim));

    private static float[] Apply(float[] row, int size)
    {
        var copy = (float[])row.Clone();
        fixed (float* pointer = copy) HadamardTransform.Apply(pointer, copy.Length, size);
        return copy;
    }
}
