using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClLogitsTests(OpenClTestDevice opencl)
{
    [OpenClTheory]
    [InlineData(13, 40, 0.7f, null)] // more candidates than there are
    [InlineData(20_003, 64, 0.5f, null)]
    [InlineData(20_003, 30, 1f, 6ul)]
    public void Rows_match_the_reference(int width, int candidates, float temperature, ulong? noiseSeed) =>
        LogitsChecks.RowsMatchTheReference(opencl.Device, width, candidates, temperature, noiseSeed);

    [OpenClFact]
    public void The_lowest_id_wins_among_equals() => LogitsChecks.TheLowestIdWinsAmongEquals(opencl.Device);

    [OpenClTheory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    public void Log_sum_exp_neither_overflows_nor_vanishes(float shift) => LogitsChecks.LogSumExpNeitherOverflowsNorVanishes(opencl.Device, shift);

    [OpenClFact]
    public void Comparisons_match_the_reference() => ComparisonChecks.RowsMatchTheReference(opencl.Device, width: 5003, rows: 3);
}
