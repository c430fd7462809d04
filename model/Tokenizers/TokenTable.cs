using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// The bytes that every token stands for, and the way back from bytes to token. One array holds all bytes; the index is an
/// open-addressing table filled once, which for 128k tokens takes milliseconds where a dictionary of strings takes ten times that.
/// </summary>
internal sealed class TokenTable
{
    /// <summary>Longest text of one token; files beyond it are malformed.</summary>
    public const int MaxTokenBytes = ushort.MaxValue;

    private readonly byte[] _bytes;
    private readonly int[] _offsets; // one more than tokens
    private readonly ulong[] _slots; // upper half: hash; lower half: id + 1, so that 0 is empty
    private readonly int _shift;

    /// <param name="bytes">Of all tokens, one after the other.</param>
    /// <param name="offsets">Of each token, and one more for the end.</param>
    public TokenTable(byte[] bytes, int[] offsets)
    {
        _bytes = bytes;
        _offsets = offsets;
        int bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * Count)));
        _slots = new ulong[1 << bits];
        _shift = 32 - bits;
    }

    public int Count => _offsets.Length - 1;

    /// <summary>Length in bytes of the longest token that <see cref="Find"/> gives.</summary>
    public int MaxTextLength { get; private set; }

    public ReadOnlySpan<byte> this[int id] => _bytes.AsSpan(_offsets[id].._offsets[id + 1]);

    public ReadOnlyMemory<byte> Memory(int id) => _bytes.AsMemory(_offsets[id].._offsets[id + 1]);

    /// <summary>The token that stands for exactly these bytes, the first added if several do, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxTextLength)
            return -1;
        uint hash = ByteHash.Compute(text);
        return (int)(uint)_slots[SlotOf(text, hash)] - 1;
    }

    /// <summary>Lets <see cref="Find"/> give this token. Not safe beside other calls.</summary>
    public void AddText(int id)
    {
        ReadOnlySpan<byte> text = this[id];
        if (text.IsEmpty)
            return;
        uint hash = ByteHash.Compute(text);
        uint slot = SlotOf(text, hash);
        if (_slots[slot] == 0)
            _slots[slot] = ((ulong)hash << 32) | (uint)(id + 1);
        MaxTextLength = Math.Max(MaxTextLength, text.Length);
    }

    /// <summary>The slot that holds the text, or the empty one where it belongs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private uint SlotOf(ReadOnlySpan<byte> text, uint hash)
    {
        uint mask = (uint)_slots.Length - 1;
        for (uint slot = hash >> _shift; ; slot = (slot + 1) & mask)
        {
            ulong entry = _slots[slot];
            if (entry == 0 || ((uint)(entry >> 32) == hash && this[(int)(uint)entry - 1].SequenceEqual(text)))
                return slot;
        }
    }
}
