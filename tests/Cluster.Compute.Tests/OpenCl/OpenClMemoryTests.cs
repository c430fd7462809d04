using Cluster.Compute.OpenCl.Memory;

namespace Cluster.Compute.Tests.OpenCl;

public class OpenClMemoryTests
{
    [Fact]
    public void What_does_not_fit_is_refused_with_figures_and_takes_nothing()
    {
        var budget = new MemoryBudget(totalBytes: 3L << 30, mostBufferBytes: 2L << 30);
        budget.Take(2L << 30);
        var problem = Assert.ThrowsAny<OutOfMemoryException>(() => budget.Take(3L << 29));
        Assert.Equal("1.50 GiB more are needed, 1.00 of its 3.00 GiB are free", problem.Message);
        Assert.Equal(1L << 30, budget.FreeBytes);
        budget.Return(2L << 30);
        problem = Assert.ThrowsAny<OutOfMemoryException>(() => budget.Take(5L << 29));
        Assert.Equal("a buffer of 2.50 GiB is needed, its driver allows 2.00 GiB", problem.Message);
        Assert.Equal(3L << 30, budget.FreeBytes);
    }
}
