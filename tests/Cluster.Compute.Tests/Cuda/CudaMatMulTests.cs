using Cluster.Compute.Tests.Cpu.Matrices;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaMatMulTests(CudaTestDevice cuda)
{
    /// <summary>Weights and activations as f16, with f32 sums.</summary>
    private const double HalfError = 2e-7;

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
    public void Agrees_with_the_reference_to_rounding_where_codes_are_exact(TensorType type, int tokens) =>
        MatMulChecks.AgreesWithTheReferenceToRounding(
            cuda.Device, type, tokens, MatMulChecks.ColumnCounts(TensorTraits.Get(type).BlockSize), [1, 16, 17, 131], Bound(tokens));

    [CudaTheory]
    [MemberData(nameof(TypesAndTokens))]
    public void Stays_within_the_error_of_int8_activations(TensorType type, int tokens) =>
        MatMulChecks.StaysWithinTheErrorOfInt8Activations(cuda.Device, type, tokens);

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Nothing_saturates_at_the_ends_of_levels_and_codes(TensorType type) =>
        MatMulChecks.NothingSaturatesAtTheEndsOfLevelsAndCodes(cuda.Device, type);

    [CudaTheory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(290)]
    public void Several_matrices_of_unlike_types_share_one_input(int tokens) =>
        MatMulChecks.SeveralMatricesOfUnlikeTypesShareOneInput(cuda.Device, tokens, Bound(tokens));

    [CudaTheory]
    [InlineData(1e6f)]
    [InlineData(1e-9f)]
    public void Activations_beyond_the_range_of_f16_lose_nothing(float size)
    {
        var input = TestTensor.Activations(40, 256, seed: 2).Select(x => x * size).ToArray();
        MatMulChecks.AssertError(cuda.Device, HalfError, input, 40, "", TestTensor.Normal(TensorType.Q8_0, 64, 256, seed: 3));
    }

    [CudaFact]
    public void Matrices_of_different_columns_are_refused() => MatMulChecks.MatricesOfDifferentColumnsAreRefused(cuda.Device);

    private static double Bound(int tokens) => tokens > 16 ? HalfError : MatMulChecks.RoundingError;
}
