namespace Cluster.Coordinator.Slots;

/// <summary>
/// The texts that were continued of late, each under a small number that clients know it by, as llama-server's slots. A slot owns nothing: what is
/// cached of its text is the prefix cache's, and may be shared or evicted. Safe for use from any thread.
/// </summary>
/// <param name="count">Slots.</param>
internal sealed class SlotTable(int count)
{
    private readonly Lock _lock = new();
    private readonly Slot[] _slots = [.. Enumerable.Range(0, count).Select(id => new Slot(id, default, false, 0))];
    private long _uses;

    /// <summary>All slots as they are now.</summary>
    public Slot[] Snapshot
    {
        get
        {
            lock (_lock) return [.. _slots];
        }
    }

    /// <summary>The slot as it is now; null when there is none of this number.</summary>
    public Slot? Find(int id)
    {
        if ((uint)id >= (uint)_slots.Length) return null;
        lock (_lock) return _slots[id];
    }

    /// <summary>
    /// Gives a prompt the slot of the text that it goes on from, else the one that was not used for longest.
    /// </summary>
    /// <returns>Its number; null when all are at work.</returns>
    public int? Begin(ReadOnlyMemory<int> prompt)
    {
        lock (_lock)
        {
            Slot? best = null;
            foreach (var slot in _slots)
            {
                if (slot.IsProcessing) continue;
                if (best is null || IsBetter(slot, best, prompt.Span)) best = slot;
            }

            if (best is not null) _slots[best.Id] = new Slot(best.Id, prompt, true, ++_uses);
            return best?.Id;
        }
    }

    /// <summary>The text of a slot has ended with these tokens.</summary>
    public void End(int? id, ReadOnlyMemory<int> tokens)
    {
        if (id is not { } place) return;
        lock (_lock) _slots[place] = new Slot(place, tokens, false, ++_uses);
    }

    /// <summary>Puts another text, or none, into a slot that nobody works on.</summary>
    /// <returns>Whether nobody did.</returns>
    public bool TryReplace(int id, ReadOnlyMemory<int> tokens)
    {
        lock (_lock)
        {
            if (_slots[id].IsProcessing) return false;
            _slots[id] = new Slot(id, tokens, false, tokens.IsEmpty ? 0 : ++_uses);
            return true;
        }
    }

    private static bool IsBetter(Slot slot, Slot than, ReadOnlySpan<int> prompt)
    {
        var (common, otherCommon) = (Continued(slot, prompt), Continued(than, prompt));
        return common != otherCommon ? common > otherCommon : slot.LastUse < than.LastUse;
    }

    /// <summary>Tokens of the slot that the prompt begins with; 0 where that is less than half of them, as with a system prompt in common.</summary>
    private static int Continued(Slot slot, ReadOnlySpan<int> prompt)
    {
        var common = slot.Tokens.Span.CommonPrefixLength(prompt);
        return 2 * common >= slot.Tokens.Length ? common : 0;
    }
}
