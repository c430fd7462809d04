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
        var columns = MatMulChecks.ColumnCounts(TensorTraits.Get(type).BlockSize);
        MatMulChecks.AgreesWithTheReferenceToRounding(
            opencl.Device, type, tokens, OpenClTestDevice.IsExhaustive ? columns : columns[^2..], [1, 17, 131]);
    }

    [OpenClTheory]
    [MemberData(nameof(TypesAndTokens))]
    public void Stays_within_the_error_of_int8_activations(TensorType type, int tokens) =>
        MatMulChecks.StaysWithinTheErrorOfInt8Activations(opencl.Device, type, tokens);

    [OpenClTheory]
    [MemberData(nameof(Types))]
    public void Nothing_saturates_at_the_ends_of_levels_and_codes(TensorType type) =>
        MatMulChecks.NothingSaturatesAtTheEndsOfLevelsAndCodes(opencl.Device, type);

    [OpenClTheory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(90)]
    public void Several_matrices_of_unlike_types_share_one_input(int tokens) =>
        MatMulChecks.SeveralMatricesOfUnlikeTypesShareOneInput(opencl.Device, tokens);

    [OpenClFact]
    public void Matrices_of_different_columns_are_refused() => MatMulChecks.MatricesOfDifferentColumnsAreRefused(opencl.Device);
}
