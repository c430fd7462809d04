using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Cluster.Model.Sharding;

/// <summary>
/// Gives attention heads to ranks in proportion to their shares. Ranks take whole KV heads with their groups of query heads while there
/// are enough; where there are more ranks than KV heads, the group of one KV head is split over several consecutive ranks, each of which
/// keeps a copy of that head's keys and values.
/// </summary>
internal static class HeadApportionment
{
    /// <param name="kvHeads">The model's KV heads.</param>
    /// <param name="group">Query heads that read each.</param>
    /// <param name="shares">Positive and finite, one a rank; at most as many as there are query heads.</param>
    public static ImmutableArray<HeadCut> Cut(int kvHeads, int group, ReadOnlySpan<double> shares)
    {
        var cuts = ImmutableArray.CreateBuilder<HeadCut>(shares.Length);
        if (shares.Length <= kvHeads)
        {
            foreach (IndexRange heads in Apportionment.Cut(kvHeads, 1, shares)) cuts.Add(new HeadCut(heads, heads.Scale(group)));
            return cuts.MoveToImmutable();
        }

        int head = 0;
        foreach (Run run in BestRuns(kvHeads, group, shares))
        {
            var heads = new IndexRange(head, head + run.Heads);
            foreach (IndexRange part in Apportionment.Cut(run.Heads * group, 1, shares.Slice(cuts.Count, run.Ranks)))
                cuts.Add(new HeadCut(heads, new IndexRange(head * group + part.Start, head * group + part.End)));
            head = heads.End;
        }
        return cuts.MoveToImmutable();
    }

    /// <summary>
    /// The runs of one rank with some heads, or of some ranks with one head, that keep the slowest rank's time least, and then the
    /// squares of all times. By dynamic programming over how many ranks and heads the first runs take.
    /// </summary>
    private static List<Run> BestRuns(int kvHeads, int group, ReadOnlySpan<double> shares)
    {
        var best = new (Load Load, Run Last)[shares.Length + 1, kvHeads + 1];
        foreach (ref (Load Load, Run Last) cell in MemoryMarshal.CreateSpan(ref best[0, 0], best.Length)) cell.Load = Load.Impossible;
        best[0, 0].Load = default;
        for (int rank = 0; rank < shares.Length; rank++)
        {
            for (int head = 0; head < kvHeads; head++)
            {
                Load before = best[rank, head].Load;
                if (before.Slowest == double.PositiveInfinity) continue;
                for (int heads = 1; head + heads <= kvHeads; heads++) Try(new Run(1, heads), before.And(heads * group, shares[rank]), rank, head);
                for (int ranks = 2; ranks <= group && rank + ranks <= shares.Length; ranks++)
                    Try(new Run(ranks, 1), Split(before, group, shares.Slice(rank, ranks)), rank, head);
            }
        }

        var runs = new List<Run>();
        for ((int rank, int head) = (shares.Length, kvHeads); rank > 0; rank -= runs[^1].Ranks, head -= runs[^1].Heads) runs.Add(best[rank, head].Last);
        runs.Reverse();
        return runs;

        void Try(Run run, Load load, int rank, int head)
        {
            ref (Load Load, Run Last) cell = ref best[rank + run.Ranks, head + run.Heads];
            if (load.IsLessThan(cell.Load)) cell = (load, run);
        }
    }

    private static Load Split(Load before, int group, ReadOnlySpan<double> shares)
    {
        ImmutableArray<IndexRange> parts = Apportionment.Cut(group, 1, shares);
        for (int i = 0; i < parts.Length; i++) before = before.And(parts[i].Count, shares[i]);
        return before;
    }

    /// <summary>Consecutive ranks with consecutive heads; one of both is 1.</summary>
    private readonly record struct Run(int Ranks, int Heads);

    /// <summary>How long ranks take, in query heads for each unit of share.</summary>
    private readonly record struct Load(double Slowest, double Squares)
    {
        public static Load Impossible { get; } = new(double.PositiveInfinity, 0);

        // No share is so small that times were infinite.
        public Load And(int queryHeads, double share)
        {
            double time = queryHeads / Math.Max(share, 1e-100);
            return new(Math.Max(Slowest, time), Squares + time * time);
        }

        public bool IsLessThan(Load other) => Slowest < other.Slowest || (Slowest == other.Slowest && Squares < other.Squares);
    }
}
