using Cluster.Model.Sampling;

namespace Cluster.Model.Tests.Sampling;

public sealed class GumbelNoiseTests
{
    [Fact]
    public void TheNoiseIsStandardGumbelAndIndependentOverIdsPositionsAndSeeds()
    {
        const int Count = 200_000;
        Func<int, float>[] sequences =
        [
            i => GumbelNoise.Sample(42, 7, i),
            i => GumbelNoise.Sample(42, i, 7),
            i => GumbelNoise.Sample((ulong)i, 42, 7),
        ];
        foreach (Func<int, float> noise in sequences)
        {
            double sum = 0, squares = 0, lagged = 0, previous = 0;
            for (int i = 0; i < Count; i++)
            {
                double centred = noise(i) - 0.5772156649; // Euler's constant is the mean
                sum += centred;
                squares += centred * centred;
                lagged += centred * previous;
                previous = centred;
            }
            Assert.Equal(0, sum / Count, 0.015);                          // 5 standard errors
            Assert.Equal(Math.PI * Math.PI / 6, squares / Count, 0.04);
            Assert.Equal(0, lagged / Count / (Math.PI * Math.PI / 6), 0.012);
        }
    }

    [Theory] // from an independent implementation of the documented formula
    [InlineData(0UL, 0, 0, 0.8509171605110168f)]
    [InlineData(0UL, 0, 1, 1.0357928276062012f)]
    [InlineData(0UL, 1, 0, -0.25193193554878235f)]
    [InlineData(1UL, 0, 0, -0.08938146382570267f)]
    [InlineData(42UL, 7, 128255, -2.066606283187866f)]
    [InlineData(18446744073709551615UL, 2147483646, 2147483646, -0.5636576414108276f)]
    [InlineData(1234567890123456789UL, 131071, 31999, 1.8518073558807373f)]
    public void EveryMachineComputesTheseValues(ulong seed, int position, int id, float expected) =>
        Assert.Equal(expected, GumbelNoise.Sample(seed, position, id));

    [Fact]
    public void TheEndsOfTheRangeAreFinite()
    {
        Assert.Equal(-3.6040f, GumbelNoise.FromBits(0), 1e-3f);
        Assert.Equal(36.7368f, GumbelNoise.FromBits(ulong.MaxValue), 1e-3f);
    }

    [Fact]
    public void TheUpperBoundIsNeverBelowTheNoise()
    {
        var random = new Random(8);
        for (int i = 0; i < 200_000; i++)
        {
            ulong bits = (ulong)random.NextInt64() << 1;
            bits |= ~(ulong.MaxValue >> random.Next(0, 65 - 1)); // every length of leading ones
            float noise = GumbelNoise.FromBits(bits);
            Assert.True(GumbelNoise.UpperBound(bits) >= noise);
        }
        Assert.True(GumbelNoise.UpperBound(ulong.MaxValue) >= GumbelNoise.FromBits(ulong.MaxValue));
    }
}
