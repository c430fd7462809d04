using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>A split that may be worth a full prediction.</summary>
/// <param name="Stages">Workers of each stage, the same number in each.</param>
/// <param name="Layers">Of each stage.</param>
/// <param name="Seconds">About what a step takes.</param>
internal sealed record SplitProposal(StageGroup[] Stages, int[] Layers, double Seconds)
{
    /// <summary>Workers of a stage.</summary>
    public int TensorParallel => Stages[0].Workers.Length;

    /// <summary>
    /// Parts of the work by rank: first in proportion to what workers do, as far as memory allows; then, where that is uneven, also all
    /// the same in each stage.
    /// </summary>
    public IEnumerable<double[]> Shares(SearchContext context)
    {
        var even = new List<double>();
        var uneven = new List<double>();
        for (var stage = 0; stage < Stages.Length; stage++)
        {
            var workers = Stages[stage].Workers;
            var bytes = Layers[stage] * context.LayerBytes + (stage == Stages.Length - 1 ? context.Head.WeightBytes : 0);
            var parts = ShareFilling.Fill(
                [.. workers.Select(worker => 1 / StepPredictor.ComputeSeconds(context.Body, DeviceSpeed.Of(worker), context.Step))],
                [.. workers.Select(context.Capacity)], bytes);
            for (var i = 0; i < workers.Length; i++)
            {
                even.Add((double)Layers[stage] / workers.Length);
                uneven.Add(parts is null ? even[^1] : Layers[stage] * Math.Max(parts[i] / bytes, 1e-6));
            }
        }

        yield return [.. uneven];
        if (!uneven.Zip(even).All(pair => Math.Abs(pair.First - pair.Second) < 1e-9 * pair.Second)) yield return [.. even];
    }
}
