using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Cpu.Matrices;
using Cluster.Compute.Tests.Operations;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaElementwiseTests(CudaTestDevice cuda)
{
    [CudaTheory]
    [InlineData(1, 1)]
    [InlineData(64, 3)]
    [InlineData(2048, 20)]
    [InlineData(2051, 17)]
    [InlineData(13, 2)]
    [InlineData(16_384, 1)]
    [InlineData(20_480, 2)]
    public void RmsNorm_matches_the_reference(int width, int tokens) => ElementwiseChecks.RmsNormMatchesTheReference(cuda.Device, width, tokens);

    [CudaTheory]
    [InlineData(96, 2)]
    [InlineData(50, 3)]
    [InlineData(4096, 40)]
    public void An_addition_before_a_norm_is_seen_by_both(int width, int tokens)
    {
        var (hidden, addend, gain) = (RandomValues.Normal(1, width * tokens), RandomValues.Normal(2, width * tokens), RandomValues.Normal(3, width));
        using var hiddenBuffer = cuda.Device.Buffer(hidden);
        using var addendBuffer = cuda.Device.Buffer(addend);
        using var gainBuffer = cuda.Device.Buffer(gain);
        using var output = cuda.Device.Allocate(width * tokens);
        cuda.Device.Add(hiddenBuffer, addendBuffer, 1, width * tokens);
        cuda.Device.RmsNorm(hiddenBuffer, gainBuffer, 1e-5f, tokens, output);
        var sum = ReferenceElementwise.Add(hidden, addend);
        Assert.Equal(sum, hiddenBuffer.ToArray());
        Assert.InRange(Difference.Largest(ReferenceElementwise.RmsNorm(sum, gain, 1e-5f), output.ToArray()), 0, 2e-6);
    }

    [CudaFact]
    public void RmsNorm_works_in_place_and_keeps_epsilon() => ElementwiseChecks.RmsNormWorksInPlaceAndKeepsEpsilon(cuda.Device);

    [CudaTheory]
    [InlineData(1, 1, 0, 0)]
    [InlineData(96, 2, 0, 0)]
    [InlineData(1027, 9, 32, 5)]
    [InlineData(5632, 3, 0, 0)]
    [InlineData(512, 40, 0, 0)]
    public void SwiGlu_matches_the_reference_and_leaves_the_rest_of_a_row(int width, int tokens, int padding, int offset) =>
        ElementwiseChecks.SwiGluMatchesTheReferenceAndLeavesTheRestOfARow(cuda.Device, width, tokens, padding, offset);

    [CudaTheory]
    [InlineData(-200f)]
    [InlineData(-1e30f)]
    [InlineData(1e30f)]
    public void SwiGlu_saturates_without_overflow(float gate) => ElementwiseChecks.SwiGluSaturatesWithoutOverflow(cuda.Device, gate);

    [CudaTheory]
    [InlineData(96, 3)]
    [InlineData(512, 1)]
    public void What_is_quantized_on_the_way_multiplies_as_what_is_quantized_later(int width, int tokens)
    {
        var (input, gain) = (RandomValues.Normal(7, width * tokens, 3), RandomValues.Normal(8, width));
        using var weights = cuda.Device.LoadMatrix(TestTensor.Normal(TensorType.Q4_0, 40, width, seed: 4));
        using var inputBuffer = cuda.Device.Buffer(input);
        using var gainBuffer = cuda.Device.Buffer(gain);
        using var gateUp = cuda.Device.Buffer(RandomValues.Normal(9, 2 * width * tokens, 3));
        using var rows = cuda.Device.Allocate(width * tokens);
        using var product = cuda.Device.Allocate(40 * tokens);
        cuda.Device.RmsNorm(inputBuffer, gainBuffer, 1e-5f, tokens, rows);
        AssertSameProduct();
        cuda.Device.SwiGlu(gateUp, width, tokens, rows, width, 0);
        AssertSameProduct();

        void AssertSameProduct()
        {
            cuda.Device.MatMul([weights], rows, tokens, product);
            var onTheWay = product.ToArray();
            using var copy = cuda.Device.Buffer(rows.ToArray());
            cuda.Device.MatMul([weights], copy, tokens, product);
            Assert.Equal(product.ToArray(), onTheWay);
        }
    }

    [CudaTheory]
    [InlineData(1)]
    [InlineData(1003)]
    [InlineData(70_001)]
    public void Add_matches_the_reference(int count) => ElementwiseChecks.AddAddsUpPlanes(cuda.Device, count, planes: 1);

    [CudaFact]
    public void GatherRows_takes_rows_in_the_order_asked_for() => ElementwiseChecks.GatherRowsTakesRowsInTheOrderAskedFor(cuda.Device);

    [CudaFact]
    public void Limits_are_measured_beside_a_running_device()
    {
        var limits = cuda.Device.MeasureLimits();
        Assert.True(limits is { ReadBytesPerSecond: > 1e10 });
    }

    [CudaFact]
    public void A_buffer_that_is_too_small_is_refused() => ElementwiseChecks.ABufferThatIsTooSmallIsRefused(cuda.Device);
}
