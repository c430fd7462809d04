using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClCacheTests(OpenClTestDevice opencl)
{
    public static TheoryData<TensorType> Types => [.. KvCacheFormat.Types];

    public static TheoryData<TensorType> RoundedTypes => [.. KvCacheFormat.Types.Where(RowQuantizer.Rounds)];

    [OpenClTheory]
    [MemberData(nameof(Types))]
    public void Rows_come_back_byte_for_byte_and_leave_others_alone(TensorType type) =>
        CacheRig.RowsComeBackByteForByteAndLeaveOthersAlone(opencl.Device, type);

    [OpenClTheory]
    [MemberData(nameof(Types))]
    public void Appended_rows_are_as_near_as_the_host_makes_them(TensorType type) => AppendChecks.RowsAreAsNearAsTheHostMakesThem(opencl.Device, type);

    [OpenClTheory]
    [MemberData(nameof(RoundedTypes))]
    public void Values_are_rounded_by_what_the_output_makes_of_their_errors(TensorType type) =>
        AppendChecks.ValuesAreRoundedByWhatTheOutputMakesOfTheirErrors(opencl.Device, type, 40);
}
