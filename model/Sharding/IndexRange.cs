namespace Cluster.Model.Sharding;

/// <summary>The half-open range [<paramref name="Start"/>, <paramref name="End"/>) of layers, heads, rows or columns.</summary>
public readonly record struct IndexRange(int Start, int End)
{
    public int Count => End - Start;

    public bool IsEmpty => End <= Start;

    public bool Contains(int index) => index >= Start && index < End;

    /// <summary>Whether every index of <paramref name="other"/> is in this range.</summary>
    public bool Contains(IndexRange other) => other.IsEmpty || (other.Start >= Start && other.End <= End);

    /// <summary>The range with both ends multiplied: heads to the columns that they occupy, units to elements.</summary>
    public IndexRange Scale(int factor) => new(checked(Start * factor), checked(End * factor));

    public override string ToString() => $"[{Start}, {End})";
}
