using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaCacheTests(CudaTestDevice cuda)
{
    public static TheoryData<TensorType> Types => [.. KvCacheFormat.Types];

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Rows_come_back_byte_for_byte_and_leave_others_alone(TensorType type) =>
        CacheRig.RowsComeBackByteForByteAndLeaveOthersAlone(cuda.Device, type);

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Appended_rows_are_as_near_as_the_host_makes_them(TensorType type) => AppendChecks.RowsAreAsNearAsTheHostMakesThem(cuda.Device, type);

    public static TheoryData<TensorType, int> RoundedTypesAndSteps()
    {
        var data = new TheoryData<TensorType, int>();
        foreach (var type in KvCacheFormat.Types.Where(RowQuantizer.Rounds))
        {
            data.Add(type, 90); // at once
            data.Add(type, 15); // behind the step
        }

        return data;
    }

    [CudaTheory]
    [MemberData(nameof(RoundedTypesAndSteps))]
    public void Values_are_rounded_by_what_the_output_makes_of_their_errors(TensorType type, int tokens) =>
        AppendChecks.ValuesAreRoundedByWhatTheOutputMakesOfTheirErrors(cuda.Device, type, tokens);
}
