using Cluster.Coordinator.Commands;

namespace Cluster.Coordinator.Tests.Commands;

public sealed class SplitOptionsTests
{
    [Theory]
    [InlineData(null, null, null, 2, 2, 1)]
    [InlineData(4, null, null, 4, 4, 1)]
    [InlineData(null, 3, null, 3, 3, 1)]
    [InlineData(null, null, 4, 4, 1, 4)]
    [InlineData(null, 2, 2, 4, 2, 2)]
    [InlineData(4, 2, null, 4, 2, 2)]
    [InlineData(4, null, 2, 4, 2, 2)]
    [InlineData(1, null, null, 1, 1, 1)]
    [InlineData(5, 2, 2, 5, 2, 2)]
    [InlineData(2, 4, null, 2, 4, 1)]
    public void What_is_not_given_follows_from_what_is(int? workers, int? tensorParallel, int? pipeline, int expectedWorkers, int expectedTensorParallel, int expectedPipeline) =>
        Assert.Equal(
            new SplitOptions(expectedWorkers, expectedTensorParallel, expectedPipeline),
            SplitOptions.Resolve(workers, tensorParallel, pipeline, defaultWorkers: 2));
}
