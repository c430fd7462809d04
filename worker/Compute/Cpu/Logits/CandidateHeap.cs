using Cluster.Compute.Steps;

namespace Cluster.Compute.Cpu.Logits;

/// <summary>
/// The best candidates seen so far, as many as <paramref name="keys"/> has room for (at least one): a heap with the worst at its root.
/// </summary>
internal ref struct CandidateHeap(Span<ulong> keys)
{
    private readonly Span<ulong> _keys = keys;

    public int Count { get; private set; }

    /// <summary>A later id of this score or less is not among the best.</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    public readonly bool IsFull => Count == _keys.Length;

    public void Add(ulong key)
    {
        if (!IsFull) SiftUp(key, Count++);
        else if (key > _keys[0]) SiftDown(key);
        if (IsFull) Threshold = CandidateKey.Score(_keys[0]);
    }

    private readonly void SiftUp(ulong key, int hole)
    {
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (_keys[parent] <= key) break;
            _keys[hole] = _keys[parent];
            hole = parent;
        }

        _keys[hole] = key;
    }

    private readonly void SiftDown(ulong key)
    {
        var hole = 0;
        while (true)
        {
            var child = 2 * hole + 1;
            if (child >= _keys.Length) break;
            if (child + 1 < _keys.Length && _keys[child + 1] < _keys[child]) child++;
            if (_keys[child] >= key) break;
            _keys[hole] = _keys[child];
            hole = child;
        }

        _keys[hole] = key;
    }
}
