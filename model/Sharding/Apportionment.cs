using System.Collections.Immutable;

namespace Cluster.Model.Sharding;

/// <summary>
/// Splits a number of indivisible units over parts in proportion to their shares by the largest-remainder method (Hamilton), with
/// one unit at least for every part. Ties go to the lower part, so that equal shares of 4 units over 3 parts give 2, 1, 1.
/// </summary>
internal static class Apportionment
{
    /// <summary>
    /// Cuts [0, <paramref name="total"/>) into one contiguous range a part, every inner bound a multiple of <paramref name="unit"/>.
    /// </summary>
    /// <param name="total">Elements to cut; need not be a multiple of the unit, the last part takes the odd end.</param>
    /// <param name="unit">Elements that stay together.</param>
    /// <param name="shares">Positive and finite, one a part; only their proportions matter. At most as many as there are units.</param>
    public static ImmutableArray<IndexRange> Cut(int total, int unit, ReadOnlySpan<double> shares)
    {
        Span<int> counts = shares.Length <= 64 ? stackalloc int[shares.Length] : new int[shares.Length];
        Count((total - 1) / unit + 1, shares, counts);
        var ranges = ImmutableArray.CreateBuilder<IndexRange>(shares.Length);
        int units = 0;
        foreach (int count in counts)
        {
            int start = units * unit;
            units += count;
            ranges.Add(new IndexRange(start, (int)Math.Min(total, (long)units * unit)));
        }
        return ranges.MoveToImmutable();
    }

    private static void Count(int units, ReadOnlySpan<double> shares, Span<int> counts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(units, shares.Length);
        double sum = 0;
        foreach (double share in shares) sum += share;

        Span<double> ideals = shares.Length <= 64 ? stackalloc double[shares.Length] : new double[shares.Length];
        int left = units;
        for (int i = 0; i < shares.Length; i++)
        {
            ideals[i] = units * (shares[i] / sum);
            counts[i] = Math.Min((int)ideals[i], left);
            left -= counts[i];
        }
        for (; left > 0; left--) counts[MostBelowIdeal(ideals, counts)]++;

        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0) continue;
            counts[MostAboveIdeal(ideals, counts)]--;
            counts[i] = 1;
        }
    }

    private static int MostBelowIdeal(ReadOnlySpan<double> ideals, ReadOnlySpan<int> counts)
    {
        int best = 0;
        for (int i = 1; i < counts.Length; i++)
        {
            if (ideals[i] - counts[i] > ideals[best] - counts[best]) best = i;
        }
        return best;
    }

    // Among the parts that can give one up. With fewer parts than units there is always one.
    private static int MostAboveIdeal(ReadOnlySpan<double> ideals, ReadOnlySpan<int> counts)
    {
        int best = -1;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] < 2) continue;
            if (best < 0 || counts[i] - ideals[i] > counts[best] - ideals[best]) best = i;
        }
        return best;
    }
}
