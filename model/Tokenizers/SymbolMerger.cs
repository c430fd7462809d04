namespace Cluster.Model.Tokenizers;

/// <summary>
/// Merges neighbouring symbols of a text, best pair first, until no pair may merge: the loop of BPE and of SPM. A heap holds the
/// candidates and stale ones are recognised when they come up, so n symbols take O(n log n). One instance serves one thread and
/// keeps its buffers from word to word.
/// </summary>
internal sealed class SymbolMerger<TRule>(TRule rule)
    where TRule : struct, IMergeRule
{
    private const ulong NoPair = ulong.MaxValue;

    private readonly List<ulong> _heap = []; // priority in the upper half, left symbol in the lower
    private Symbol[] _symbols = new Symbol[64];
    private int _count;

    /// <summary>Starts a new text.</summary>
    public void Clear()
    {
        _count = 0;
        _heap.Clear();
    }

    /// <summary>Appends a symbol, whose bytes start at <paramref name="start"/> in the text.</summary>
    public void Add(int start)
    {
        if (_count + 1 >= _symbols.Length) // one more for the end
            Array.Resize(ref _symbols, 2 * _symbols.Length);
        _symbols[_count] = new Symbol { Start = start, Previous = _count - 1, Next = ++_count };
    }

    /// <summary>Merges the symbols of <paramref name="text"/>; they must cover all of it.</summary>
    public void Merge(ReadOnlySpan<byte> text)
    {
        _symbols[_count].Start = text.Length;
        for (int i = 0; i < _count; i++)
            Consider(i, text);

        while (TryPop(out ulong candidate))
        {
            int index = (int)(uint)candidate;
            ref Symbol left = ref _symbols[index];
            if (left.Best != candidate)
                continue;

            ref Symbol right = ref _symbols[left.Next];
            right.Best = NoPair;
            left.Next = right.Next;
            if (left.Next < _count)
                _symbols[left.Next].Previous = index;
            Consider(index, text);
            if (left.Previous >= 0)
                Consider(left.Previous, text);
        }
    }

    /// <summary>Steps through the symbols that are left, from <paramref name="position"/> 0, until it returns false.</summary>
    /// <param name="position">Index of the symbol; becomes that of the next one.</param>
    /// <param name="range">Its bytes in the text.</param>
    public bool TryNext(ref int position, out Range range)
    {
        if (position >= _count)
        {
            range = default;
            return false;
        }
        ref readonly Symbol symbol = ref _symbols[position];
        range = symbol.Start.._symbols[symbol.Next].Start;
        position = symbol.Next;
        return true;
    }

    /// <summary>Finds what may become of a symbol and its right neighbour.</summary>
    private void Consider(int index, ReadOnlySpan<byte> text)
    {
        ref Symbol left = ref _symbols[index];
        left.Best = NoPair;
        if (left.Next == _count)
            return;

        ref readonly Symbol right = ref _symbols[left.Next];
        ReadOnlySpan<byte> pair = text[left.Start.._symbols[right.Next].Start];
        if (!rule.TryMerge(pair, right.Start - left.Start, out uint priority))
            return;
        left.Best = ((ulong)priority << 32) | (uint)index;
        Push(left.Best);
    }

    private void Push(ulong candidate)
    {
        int child = _heap.Count;
        _heap.Add(candidate);
        while (child > 0 && _heap[(child - 1) / 2] > candidate)
        {
            _heap[child] = _heap[(child - 1) / 2];
            child = (child - 1) / 2;
        }
        _heap[child] = candidate;
    }

    private bool TryPop(out ulong candidate)
    {
        int last = _heap.Count - 1;
        if (last < 0)
        {
            candidate = NoPair;
            return false;
        }
        candidate = _heap[0];
        ulong moved = _heap[last];
        _heap.RemoveAt(last);
        int parent = 0;
        for (int child = 1; child < last; child = 2 * parent + 1)
        {
            if (child + 1 < last && _heap[child + 1] < _heap[child])
                child++;
            if (_heap[child] >= moved)
                break;
            _heap[parent] = _heap[child];
            parent = child;
        }
        if (last > 0)
            _heap[parent] = moved;
        return true;
    }

    private struct Symbol
    {
        public int Start;
        public int Previous;
        public int Next;
        public ulong Best; // candidate in the heap for a merge with the next
    }
}
