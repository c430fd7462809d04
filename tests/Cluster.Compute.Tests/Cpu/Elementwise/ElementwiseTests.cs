using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.Cpu.Elementwise;

public class ElementwiseTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(64, 3, 1)]
    [InlineData(2048, 20, 2)]
    [InlineData(2051, 17, 3)]
    [InlineData(13, 2, 2)]
    public void RmsNorm_matches_the_reference(int width, int tokens, int threads)
    {
        using var device = TestDevices.Open(threads);
        ElementwiseChecks.RmsNormMatchesTheReference(device, width, tokens);
    }

    [Fact]
    public void RmsNorm_works_in_place_and_keeps_epsilon()
    {
        using var device = TestDevices.Open(1);
        ElementwiseChecks.RmsNormWorksInPlaceAndKeepsEpsilon(device);
    }

    [Theory]
    [InlineData(1, 1, 1, 0, 0)]
    [InlineData(96, 2, 1, 0, 0)]
    [InlineData(1027, 9, 2, 32, 5)]
    [InlineData(5632, 3, 3, 0, 0)]
    public void SwiGlu_matches_the_reference_and_leaves_the_rest_of_a_row(int width, int tokens, int threads, int padding, int offset)
    {
        using var device = TestDevices.Open(threads);
        ElementwiseChecks.SwiGluMatchesTheReferenceAndLeavesTheRestOfARow(device, width, tokens, padding, offset);
    }

    [Theory]
    [InlineData(-200f)]
    [InlineData(-88f)]
    [InlineData(-1e30f)]
    [InlineData(200f)]
    [InlineData(1e30f)]
    public void SwiGlu_saturates_without_overflow(float gate)
    {
        using var device = TestDevices.Open(1);
        ElementwiseChecks.SwiGluSaturatesWithoutOverflow(device, gate);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1003, 1)]
    [InlineData(70_001, 3)]
    public void Add_matches_the_reference(int count, int threads)
    {
        using var device = TestDevices.Open(threads);
        ElementwiseChecks.AddAddsUpPlanes(device, count, 1);
    }

    [Fact]
    public void GatherRows_takes_rows_in_the_order_asked_for()
    {
        using var device = TestDevices.Open(2);
        ElementwiseChecks.GatherRowsTakesRowsInTheOrderAskedFor(device);
    }

    [Fact]
    public void A_buffer_that_is_too_small_is_refused()
    {
        using var device = TestDevices.Open(1);
        ElementwiseChecks.ABufferThatIsTooSmallIsRefused(device);
    }
}
