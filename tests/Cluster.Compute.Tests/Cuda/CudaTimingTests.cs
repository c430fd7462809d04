using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaTimingTests
{
    [CudaFact]
    public void Every_kernel_of_a_step_is_timed() => TimingChecks.EveryKernelOfAStepIsTimed(_ => CudaTestDevice.Open());

    [CudaFact]
    public void Times_are_taken_only_where_they_are_asked_for() => TimingChecks.TimesAreTakenOnlyWhereTheyAreAskedFor(_ => CudaTestDevice.Open());

    [CudaFact]
    public void Each_rank_has_its_own() => TimingChecks.EachRankHasItsOwn(_ => CudaTestDevice.Open());
}
