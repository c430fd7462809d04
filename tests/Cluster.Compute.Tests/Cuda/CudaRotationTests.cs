using Cluster.Compute.Tests.Operations;
using Cluster.Model.Architecture;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaRotationTests(CudaTestDevice cuda)
{
    [CudaTheory]
    [InlineData(RopeStyle.Interleaved, 64, 32, 0)]
    [InlineData(RopeStyle.HalfSplit, 64, 32, 0)]
    [InlineData(RopeStyle.Interleaved, 64, 5, 3)]
    [InlineData(RopeStyle.HalfSplit, 80, 10, 100)]
    [InlineData(RopeStyle.Interleaved, 8, 4, 17)]
    [InlineData(RopeStyle.HalfSplit, 8, 4, 131_071)]
    [InlineData(RopeStyle.Interleaved, 128, 64, 999_960)]
    [InlineData(RopeStyle.HalfSplit, 128, 64, 999_960)]
    public void Both_styles_match_the_reference_at_any_position(RopeStyle style, int headDim, int pairs, int start) =>
        RotationChecks.MatchesTheReference(cuda.Device, style, headDim, pairs, start);
}
