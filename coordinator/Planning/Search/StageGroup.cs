using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>Workers that would share a stage, with what they do together.</summary>
internal sealed class StageGroup
{
    public StageGroup(Member[] workers, SearchContext context)
    {
        Workers = workers;
        double bytes = 0, multiplyAdds = 0, capacity = 0;
        foreach (var worker in workers)
        {
            var speed = DeviceSpeed.Of(worker);
            bytes += speed.ReadBytesPerSecond;
            multiplyAdds += speed.MultiplyAddsPerSecond;
            capacity += context.Capacity(worker);
        }

        Speed = new DeviceSpeed(bytes, multiplyAdds);
        CapacityBytes = capacity;
        var imbalance = context.Imbalance(workers.Length);
        LayerSeconds = imbalance * StepPredictor.ComputeSeconds(context.Body, Speed, context.Step) / context.Layers
            + context.Predictor.ExchangeSeconds(1, workers.Length, context.Options.Links.Worst(workers), context.Step);
        HeadSeconds = StepPredictor.ComputeSeconds(context.Head, Speed, context.Step);
    }

    public Member[] Workers { get; }

    /// <summary>Of all together.</summary>
    public DeviceSpeed Speed { get; }

    public double CapacityBytes { get; }

    /// <summary>About what a layer takes.</summary>
    public double LayerSeconds { get; }

    public double HeadSeconds { get; }
}
