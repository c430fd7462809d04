using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Cluster.Model.Processors;

/// <summary>Some of a machine's logical processors by their numbers, written as Linux does: <c>0-3,6</c>. Not empty, rising.</summary>
public sealed class CpuList : IEquatable<CpuList>
{
    /// <summary>Numbers are below it: what the system's masks hold here.</summary>
    public const int Limit = 1024;

    private CpuList(ImmutableArray<int> numbers) => Numbers = numbers;

    public ImmutableArray<int> Numbers { get; }

    /// <summary>Reads numbers and ranges of them in any order; false for anything else, and for none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CpuList? list)
    {
        ArgumentNullException.ThrowIfNull(text);
        list = null;
        var numbers = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            if (!TryRead(dash < 0 ? part : part.AsSpan(0, dash), out var first)) return false;
            var last = first;
            if (dash >= 0 && !TryRead(part.AsSpan(dash + 1), out last) || last < first) return false;
            for (var number = first; number <= last; number++) numbers.Add(number);
        }

        list = new CpuList([.. numbers]);
        return true;
    }

    /// <summary>Consecutive shares of the list, as even as can be; with more shares than processors, some have the same one.</summary>
    public CpuList Share(int index, int shares)
    {
        var start = (int)((long)Numbers.Length * index / shares);
        var end = (int)((long)Numbers.Length * (index + 1) / shares);
        return new CpuList(Numbers[start..Math.Max(end, start + 1)]);
    }

    public bool Equals(CpuList? other) => other is not null && Numbers.SequenceEqual(other.Numbers);

    public override bool Equals(object? obj) => Equals(obj as CpuList);

    public override int GetHashCode() => HashCode.Combine(Numbers.Length, Numbers[0], Numbers[^1]);

    public override string ToString()
    {
        var parts = new List<string>();
        for (var i = 0; i < Numbers.Length;)
        {
            var first = Numbers[i];
            while (++i < Numbers.Length && Numbers[i] == Numbers[i - 1] + 1)
            {
            }

            parts.Add(Numbers[i - 1] == first ? $"{first}" : $"{first}-{Numbers[i - 1]}");
        }

        return string.Join(',', parts);
    }

    private static bool TryRead(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Limit;
}
