using System.Collections.Immutable;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>Adds up what kernels took in the steps that time them, for the engine's loop.</summary>
internal sealed class KernelTotals(int ranks)
{
    private readonly Dictionary<(string Name, KernelPart Part), KernelSum>[] _ranks = [.. Enumerable.Range(0, ranks).Select(_ => new Dictionary<(string, KernelPart), KernelSum>())];
    private long _steps;

    /// <summary>A step is over.</summary>
    /// <param name="results">Its answers, by rank.</param>
    public void Add(IReadOnlyList<StepResult> results)
    {
        _steps++;
        for (var rank = 0; rank < _ranks.Length; rank++)
        {
            foreach (var kernel in results[rank].Kernels)
            {
                var key = (kernel.Name, kernel.Part);
                _ranks[rank][key] = _ranks[rank].GetValueOrDefault(key, new KernelSum(kernel.Name, kernel.Part, 0, 0, 0, 0)) + kernel;
            }
        }
    }

    public KernelBreakdown ToBreakdown() => new(_steps, [.. _ranks.Select(rank => rank.Values.OrderByDescending(kernel => kernel.Nanoseconds).ToImmutableArray())]);
}
