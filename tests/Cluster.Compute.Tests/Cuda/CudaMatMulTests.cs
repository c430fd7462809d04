using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Cpu.Matrices;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaMatMulTests(CudaTestDevice cuda)
{
    private const double RoundingError = MatMulChecks.RoundingError;

    /// <summary>Weights and activations as f16, with f32 sums.</summary>
    private const double HalfError = 2e-7;

    private const double QuantizationError = MatMulChecks.QuantizationError;

    public static TheoryData<TensorType, int> TypesAndTokens()
    {
        var data = new TheoryData<TensorType, int>();
        foreach (var trait in TensorTraits.All)
        {
            foreach (var tokens in new[] { 1, 2, 3, 7, 16, 33 }) data.Add(trait.Type, tokens);
        }

        return data;
    }

    public static TheoryData<TensorType> Types() => new(TensorTraits.All.Select(trait => trait.Type));

    [CudaTheory]
    [MemberData(nameof(TypesAndTokens))]
    public void Agrees_with_the_reference_to_rounding_where_codes_are_exact(TensorType type, int tokens)
    {
        foreach (var columns in MatMulChecks.ColumnCounts(TensorTraits.Get(type).BlockSize))
        {
            var input = TestTensor.ExactActivations(tokens, columns, seed: columns + tokens);
            foreach (var rows in new[] { 1, 16, 17, 131 })
            {
                var source = TestTensor.Normal(type, rows, columns, seed: rows, bias: rows % 2 == 1);
                AssertError(tokens > 16 ? HalfError : RoundingError, input, tokens, $"{rows} x {columns}", source);
            }
        }
    }

    [CudaTheory]
    [MemberData(nameof(TypesAndTokens))]
    public void Stays_within_the_error_of_int8_activations(TensorType type, int tokens)
    {
        var input = TestTensor.Activations(tokens, 512, seed: tokens);
        AssertError(QuantizationError, input, tokens, "", TestTensor.Normal(type, 50, 512, seed: 3));
    }

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Nothing_saturates_at_the_ends_of_levels_and_codes(TensorType type)
    {
        foreach (var tokens in new[] { 1, 4 })
        {
            var input = TestTensor.ExactActivations(tokens, 256, seed: 5, extreme: true);
            AssertError(RoundingError, input, tokens, $"{tokens}", TestTensor.Extreme(type, 48, 256, seed: 9));
        }
    }

    [CudaTheory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(290)]
    public void Several_matrices_of_unlike_types_share_one_input(int tokens)
    {
        var input = TestTensor.ExactActivations(tokens, 512, seed: 1);
        AssertError(
            tokens > 16 ? HalfError : RoundingError, input, tokens, "",
            TestTensor.Normal(TensorType.Q4_K, 70, 512, seed: 2, bias: true),
            TestTensor.Normal(TensorType.Q4_K, 31, 512, seed: 7),
            TestTensor.Normal(TensorType.Q4_K, 2, 512, seed: 8),
            TestTensor.Normal(TensorType.F16, 9, 512, seed: 3),
            TestTensor.Normal(TensorType.Q6_K, 40, 512, seed: 4),
            TestTensor.Normal(TensorType.Q8_0, 1, 512, seed: 5),
            TestTensor.Normal(TensorType.F32, 33, 512, seed: 6, bias: true));
    }

    [CudaTheory]
    [InlineData(1e6f)]
    [InlineData(1e-9f)]
    public void Activations_beyond_the_range_of_f16_lose_nothing(float size)
    {
        var input = TestTensor.Activations(40, 256, seed: 2).Select(x => x * size).ToArray();
        AssertError(HalfError, input, 40, "", TestTensor.Normal(TensorType.Q8_0, 64, 256, seed: 3));
    }

    [CudaFact]
    public void Matrices_of_different_columns_are_refused()
    {
        using var narrow = cuda.Device.LoadMatrix(TestTensor.Normal(TensorType.F32, 4, 8, seed: 1));
        using var wide = cuda.Device.LoadMatrix(TestTensor.Normal(TensorType.F32, 4, 12, seed: 1));
        using var buffer = cuda.Device.Allocate(64);
        Assert.Throws<ArgumentException>(() => cuda.Device.MatMul([narrow, wide], buffer, 1, buffer));
    }

    private void AssertError(double bound, float[] input, int tokens, string what, params MatrixSource[] sources) =>
        MatMulChecks.AssertError(cuda.Device, bound, input, tokens, what, sources);
}
