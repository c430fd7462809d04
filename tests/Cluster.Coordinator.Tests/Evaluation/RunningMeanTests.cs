using Cluster.Coordinator.Evaluation;

namespace Cluster.Coordinator.Tests.Evaluation;

public sealed class RunningMeanTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1e6, 1e-3)] // where mean(x²) - mean(x)² loses everything
    public void Mean_and_error_are_those_of_the_formula(double offset, double scale)
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 1000).Select(_ => offset + scale * random.NextDouble()).ToArray();
        var running = new RunningMean();
        foreach (var value in values) running.Add(value);

        var mean = values.Average();
        var error = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) / (values.Length - 1));
        Assert.Equal(values.Length, running.Count);
        Assert.Equal(mean, running.Mean, Math.Abs(mean) * 1e-13);
        Assert.Equal(error, running.StandardError, error * 1e-6);
    }

    [Fact]
    public void Few_values_have_no_error()
    {
        var running = new RunningMean();
        Assert.True(double.IsNaN(running.Mean));
        running.Add(4);
        Assert.Equal((4, 0), (running.Mean, running.StandardError));
    }
}
