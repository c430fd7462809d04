using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClElementwiseTests(OpenClTestDevice opencl)
{
    [OpenClTheory]
    [InlineData(1, 1)]
    [InlineData(64, 3)]
    [InlineData(2051, 17)]
    [InlineData(20_480, 2)]
    public void RmsNorm_matches_the_reference(int width, int tokens) => ElementwiseChecks.RmsNormMatchesTheReference(opencl.Device, width, tokens);

    [OpenClFact]
    public void RmsNorm_works_in_place_and_keeps_epsilon() => ElementwiseChecks.RmsNormWorksInPlaceAndKeepsEpsilon(opencl.Device);

    [OpenClTheory]
    [InlineData(1, 1, 0, 0)]
    [InlineData(1027, 9, 32, 5)]
    [InlineData(512, 40, 0, 0)]
    public void SwiGlu_matches_the_reference_and_leaves_the_rest_of_a_row(int width, int tokens, int padding, int offset) =>
        ElementwiseChecks.SwiGluMatchesTheReferenceAndLeavesTheRestOfARow(opencl.Device, width, tokens, padding, offset);

    [OpenClTheory]
    [InlineData(-200f)]
    [InlineData(-1e30f)]
    [InlineData(1e30f)]
    public void SwiGlu_saturates_without_overflow(float gate) => ElementwiseChecks.SwiGluSaturatesWithoutOverflow(opencl.Device, gate);

    [OpenClTheory]
    [InlineData(1, 1)]
    [InlineData(70_001, 1)]
    [InlineData(1003, 3)]
    public void Add_adds_up_planes(int count, int planes) => ElementwiseChecks.AddAddsUpPlanes(opencl.Device, count, planes);

    [OpenClFact]
    public void GatherRows_takes_rows_in_the_order_asked_for() => ElementwiseChecks.GatherRowsTakesRowsInTheOrderAskedFor(opencl.Device);

    [OpenClFact]
    public void A_buffer_that_is_too_small_is_refused() => ElementwiseChecks.ABufferThatIsTooSmallIsRefused(opencl.Device);
}
