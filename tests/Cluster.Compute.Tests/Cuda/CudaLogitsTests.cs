using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaLogitsTests(CudaTestDevice cuda)
{
    [CudaTheory]
    [InlineData(1, 1, 1f, null)]
    [InlineData(13, 40, 0.7f, null)] // more candidates than there are
    [InlineData(8192, 1, 1f, null)]
    [InlineData(20_003, 64, 0.5f, null)]
    [InlineData(20_003, 0, 2f, null)]
    [InlineData(20_003, 1, 0.7f, 5ul)]
    [InlineData(20_003, 30, 1f, 6ul)]
    [InlineData(13, 4, 3f, 7ul)]
    [InlineData(20_003, 2, 0.01f, 8ul)]
    [InlineData(20_003, 1500, 0.9f, 9ul)] // more than the device sorts at once
    [InlineData(20_003, 30_000, 0.9f, null)]
    public void Rows_match_the_reference(int width, int candidates, float temperature, ulong? noiseSeed) =>
        LogitsChecks.RowsMatchTheReference(cuda.Device, width, candidates, temperature, noiseSeed);

    [CudaFact]
    public void The_lowest_id_wins_among_equals() => LogitsChecks.TheLowestIdWinsAmongEquals(cuda.Device);

    [CudaTheory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    public void Log_sum_exp_neither_overflows_nor_vanishes(float shift) => LogitsChecks.LogSumExpNeitherOverflowsNorVanishes(cuda.Device, shift);

    [CudaTheory]
    [InlineData(1, 1)]
    [InlineData(7, 2)]
    [InlineData(32_000, 16)]
    public void Comparisons_match_the_reference(int width, int rows) => ComparisonChecks.RowsMatchTheReference(cuda.Device, width, rows);
}
