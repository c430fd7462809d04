namespace Cluster.Compute.Steps;

/// <summary>A list whose storage is kept when it is cleared, so that a step of a size seen before allocates nothing.</summary>
public sealed class GrowingArray<T>
{
    private T[] _items = [];

    public int Count { get; private set; }

    public Span<T> Span => _items.AsSpan(0, Count);

    public ref T this[int index] => ref Span[index];

    public void Clear() => Count = 0;

    public void Add(T item)
    {
        if (Count == _items.Length) Reserve(Count + 1);
        _items[Count++] = item;
    }

    /// <summary>Appends <paramref name="count"/> elements of unspecified content and returns them.</summary>
    public Span<T> Append(int count)
    {
        Reserve(Count + count);
        Count += count;
        return _items.AsSpan(Count - count, count);
    }

    private void Reserve(int capacity)
    {
        if (capacity > _items.Length) Array.Resize(ref _items, Math.Max(capacity, Math.Max(16, _items.Length * 2)));
    }
}
