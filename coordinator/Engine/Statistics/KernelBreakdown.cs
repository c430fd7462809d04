using System.Collections.Immutable;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>What the kernels of ranks on GPUs took in a number of steps that time them.</summary>
/// <param name="Steps">How many.</param>
/// <param name="Ranks">By rank the kernels, longest first; none of a rank that has no GPU.</param>
internal sealed record KernelBreakdown(long Steps, ImmutableArray<ImmutableArray<KernelSum>> Ranks)
{
    /// <summary>
    /// The times of steps with those of ranks on GPUs put right: their clocks see what is queued where it is waited for. The parts of computing are
    /// the kernels', which do not overlap when they are timed and so may take longer together than the step.
    /// </summary>
    /// <param name="measured">Steps that do not time kernels.</param>
    /// <param name="timed">The steps that do, by the clocks; they wait for the device before an exchange, so that it is only what it takes itself.</param>
    public StepBreakdown Correct(StepBreakdown measured, StepBreakdown timed)
    {
        var scale = (double)measured.Steps / Math.Max(1, Steps);
        return measured with { Ranks = [.. measured.Ranks.Select((times, rank) => Ranks[rank].IsEmpty ? times : Of(rank, times.Wait))] };

        RankTimes Of(int rank, TimeSpan wait)
        {
            var (hostWire, deviceWire) = (timed.Ranks[rank].Wire * scale, Time(KernelPart.Exchange));
            return new RankTimes(
                Time(KernelPart.Attention), Time(KernelPart.ColumnProducts), Time(KernelPart.RowProducts), Time(KernelPart.Head),
                hostWire > deviceWire ? hostWire : deviceWire, wait, Time(KernelPart.Other));

            TimeSpan Time(KernelPart part) =>
                TimeSpan.FromMicroseconds(scale * Ranks[rank].Where(kernel => kernel.Part == part).Sum(kernel => kernel.Nanoseconds) / 1000);
        }
    }
}
