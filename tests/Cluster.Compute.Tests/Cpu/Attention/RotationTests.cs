using Cluster.Compute.Tests.Operations;
using Cluster.Model.Architecture;

namespace Cluster.Compute.Tests.Cpu.Attention;

public class RotationTests
{
    [Theory]
    [InlineData(RopeStyle.Interleaved, 64, 32, 1, 0)]
    [InlineData(RopeStyle.HalfSplit, 64, 32, 1, 0)]
    [InlineData(RopeStyle.Interleaved, 64, 5, 1, 3)] // leading dimensions only, no whole vectors
    [InlineData(RopeStyle.HalfSplit, 80, 10, 2, 100)]
    [InlineData(RopeStyle.Interleaved, 8, 4, 1, 17)]
    [InlineData(RopeStyle.HalfSplit, 8, 4, 3, 131_071)]
    [InlineData(RopeStyle.Interleaved, 128, 64, 2, 999_960)]
    [InlineData(RopeStyle.HalfSplit, 128, 64, 3, 999_960)]
    public void Both_styles_match_the_reference_at_any_position(RopeStyle style, int headDim, int pairs, int threads, int start)
    {
        using var device = TestDevices.Open(threads);
        RotationChecks.MatchesTheReference(device, style, headDim, pairs, start);
    }
}
