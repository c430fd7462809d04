using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Cpu.Matrices;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClMatMulTests(OpenClTestDevice opencl)
{
    public static TheoryData<TensorType, int> TypesAndTokens()
    {
        var data = new TheoryData<TensorType, int>();
        foreach (var trait in TensorTraits.All)
        {
            foreach (var tokens in OpenClTestDevice.IsExhaustive ? [1, 2, 3, 7, 8, 9, 33, 70] : new[] { 1, 3, 67 }) data.Add(trait.Type, tokens);
        }

        return data;
    }

    public static TheoryData<TensorType> Types() => new(TensorTraits.All.Select(trait => trait.Type));

    [OpenClTheory]
    [MemberData(nameof(TypesAndTokens))]
    public void Agrees_with_the_reference_to_rounding_where_codes_are_exact(TensorType type, int tokens)
    {
        var columnCounts = MatMulChecks.ColumnCounts(TensorTraits.Get(type).BlockSize);
        foreach (var columns in OpenClTestDevice.IsExhaustive ? columnCounts : columnCounts[^2..])
        {
            var input = TestTensor.ExactActivations(tokens, columns, seed: columns + tokens);
            foreach (var rows in new[] { 1, 17, 131 })
            {
                var source = TestTensor.Normal(type, rows, columns, seed: rows, bias: rows % 2 == 1);
                AssertError(MatMulChecks.RoundingError, input, tokens, $"{rows} x {columns}", source);
            }
        }
    }

    [OpenClTheory]
    [MemberData(nameof(TypesAndTokens))]
    public void Stays_within_the_error_of_int8_activations(TensorType type, int tokens)
    {
        var input = TestTensor.Activations(tokens, 512, seed: tokens);
        AssertError(MatMulChecks.QuantizationError, input, tokens, "", TestTensor.Normal(type, 50, 512, seed: 3));
    }

    [OpenClTheory]
    [MemberData(nameof(Types))]
    public void Nothing_saturates_at_the_ends_of_levels_and_codes(TensorType type)
    {
        foreach (var tokens in new[] { 1, 4 })
        {
            var input = TestTensor.ExactActivations(tokens, 256, seed: 5, extreme: true);
            AssertError(MatMulChecks.RoundingError, input, tokens, $"{tokens}", TestTensor.Extreme(type, 48, 256, seed: 9));
        }
    }

    [OpenClTheory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(90)]
    public void Several_matrices_of_unlike_types_share_one_input(int tokens)
    {
        var input = TestTensor.ExactActivations(tokens, 512, seed: 1);
        AssertError(
            MatMulChecks.RoundingError, input, tokens, "",
            TestTensor.Normal(TensorType.Q4_K, 70, 512, seed: 2, bias: true),
            TestTensor.Normal(TensorType.Q4_K, 31, 512, seed: 7),
            TestTensor.Normal(TensorType.F16, 9, 512, seed: 3),
            TestTensor.Normal(TensorType.Q6_K, 40, 512, seed: 4),
            TestTensor.Normal(TensorType.F32, 33, 512, seed: 6, bias: true));
    }

    [OpenClFact]
    public void Matrices_of_different_columns_are_refused()
    {
        using var narrow = opencl.Device.LoadMatrix(TestTensor.Normal(TensorType.F32, 4, 8, seed: 1));
        using var wide = opencl.Device.LoadMatrix(TestTensor.Normal(TensorType.F32, 4, 12, seed: 1));
        using var buffer = opencl.Device.Allocate(64);
        Assert.Throws<ArgumentException>(() => opencl.Device.MatMul([narrow, wide], buffer, 1, buffer));
    }

    private void AssertError(double bound, float[] input, int tokens, string what, params MatrixSource[] sources) =>
        MatMulChecks.AssertError(opencl.Device, bound, input, tokens, what, sources);
}
