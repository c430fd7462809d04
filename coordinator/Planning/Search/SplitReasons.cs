using System.Globalization;
using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>Says in a few words why a split, or a worker, was left out.</summary>
internal static class SplitReasons
{
    public static string Against(SplitCandidate candidate, SplitCandidate chosen)
    {
        if (candidate.Problem is { } problem) return problem;

        var (its, best) = (candidate.Decode, chosen.Decode);
        if (its.Total < best.Total * 1.005 && candidate.Workers.Length > chosen.Workers.Length) return $"no faster, with {Count(candidate.Workers.Length - chosen.Workers.Length)}";

        var slower = string.Create(CultureInfo.InvariantCulture, $"{100 * (its.Total / best.Total - 1):0} % slower");
        if (its.Total < best.Total) return string.Create(CultureInfo.InvariantCulture, $"{100 * (1 - its.Total / best.Total):0.0} % faster is not worth {Count(candidate.Workers.Length - chosen.Workers.Length)}");
        if (its.Wire - best.Wire > its.Compute - best.Compute) return $"{slower}: activations travel for {Milliseconds(its.Wire)}";
        return its.Wait > 0.2 * its.Compute && its.Wait > best.Wait
            ? $"{slower}: ranks wait up to {Milliseconds(its.Wait)} for slower ones"
            : $"{slower}: computing takes {Milliseconds(its.Compute)}";
    }

    /// <param name="worker">Who was left out.</param>
    /// <param name="possible">All that fit, from the fastest on.</param>
    /// <param name="chosen">What was chosen.</param>
    public static string Spare(Member worker, SplitCandidate[] possible, SplitCandidate chosen)
    {
        foreach (var candidate in possible)
        {
            if (!candidate.Workers.Contains(worker)) continue;
            return candidate.Decode.Total < chosen.Decode.Total * 1.005
                ? $"with it a step takes {Milliseconds(candidate.Decode.Total)}, without it {Milliseconds(chosen.Decode.Total)}: not worth it"
                : $"with it a step takes {Milliseconds(candidate.Decode.Total)} at best, without it {Milliseconds(chosen.Decode.Total)}";
        }

        return "not among the workers of any promising split";
    }

    public static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{1000 * seconds:0.00} ms");

    private static string Count(int workers) => workers == 1 ? "one more worker" : $"{workers} more workers";
}
