using Cluster.Compute.Tests.Operations;
using Cluster.Model.Architecture;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClRotationTests(OpenClTestDevice opencl)
{
    [OpenClTheory]
    [InlineData(RopeStyle.Interleaved, 64, 32, 0)]
    [InlineData(RopeStyle.HalfSplit, 64, 20, 3)]
    [InlineData(RopeStyle.Interleaved, 8, 4, 17)]
    [InlineData(RopeStyle.HalfSplit, 8, 4, 131_071)]
    [InlineData(RopeStyle.HalfSplit, 64, 32, 999_960)]
    public void Both_styles_match_the_reference_at_any_position(RopeStyle style, int headDim, int pairs, int start) =>
        RotationChecks.MatchesTheReference(opencl.Device, style, headDim, pairs, start);
}
