using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClTimingTests
{
    [OpenClFact]
    public void Every_kernel_of_a_step_is_timed() => TimingChecks.EveryKernelOfAStepIsTimed(_ => OpenClTestDevice.Open());

    [OpenClFact]
    public void Times_are_taken_only_where_they_are_asked_for() => TimingChecks.TimesAreTakenOnlyWhereTheyAreAskedFor(_ => OpenClTestDevice.Open());

    [OpenClFact]
    public void Each_rank_has_its_own() => TimingChecks.EachRankHasItsOwn(_ => OpenClTestDevice.Open());
}
