namespace Cluster.Model.Sampling;

/// <summary>How often tokens occur in a window of a text, by ascending id.</summary>
internal sealed class TokenCounts
{
    private int[] _ids = [];
    private int[] _inText = [];
    private int[] _generated = [];

    /// <summary>Distinct tokens.</summary>
    public int Count { get; private set; }

    /// <summary>Ascending.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(int id, bool isGenerated)
    {
        int index = Ids.BinarySearch(id);
        if (index < 0)
        {
            index = ~index;
            Insert(index, id);
        }
        _inText[index]++;
        if (isGenerated) _generated[index]++;
    }

    /// <summary>Takes back an <see cref="Add"/>.</summary>
    public void Remove(int id, bool isGenerated)
    {
        int index = Ids.BinarySearch(id);
        if (isGenerated) _generated[index]--;
        if (--_inText[index] > 0) return;
        Count--;
        foreach (int[] column in (ReadOnlySpan<int[]>)[_ids, _inText, _generated])
            Array.Copy(column, index + 1, column, index, Count - index);
    }

    /// <summary>Occurrences in the window, and those of them that were generated.</summary>
    public (int InText, int Generated) Of(int id)
    {
        int index = Ids.BinarySearch(id);
        return index < 0 ? (0, 0) : (_inText[index], _generated[index]);
    }

    private void Insert(int index, int id)
    {
        if (Count == _ids.Length)
        {
            int capacity = Math.Max(64, Count * 2);
            Array.Resize(ref _ids, capacity);
            Array.Resize(ref _inText, capacity);
            Array.Resize(ref _generated, capacity);
        }
        foreach (int[] column in (ReadOnlySpan<int[]>)[_ids, _inText, _generated])
            Array.Copy(column, index, column, index + 1, Count - index);
        Count++;
        (_ids[index], _inText[index], _generated[index]) = (id, 0, 0);
    }
}
