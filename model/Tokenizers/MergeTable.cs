using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// Ranks of a BPE vocabulary's merges, by the bytes of the pair. Going by bytes and not by tokens saves finding three tokens a rule
/// when the program starts; rules that name unknown tokens do no harm, as no text falls apart into these.
/// </summary>
internal sealed class MergeTable
{
    private readonly byte[] _bytes; // of both parts of each rule
    private readonly Rule[] _rules; // by rank
    private readonly ulong[] _slots; // upper half: hash; lower half: rank + 1, so that 0 is empty
    private readonly int _shift;
    private readonly int _maxLength;

    /// <param name="merges">"left right" in the byte-level alphabet, in order of rank. Others than that are left out.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MergeTable(IUtf8StringList merges)
    {
        _bytes = new byte[TotalLength(merges)];
        _rules = new Rule[merges.Count];
        int bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count + merges.Count / 2)));
        _slots = new ulong[1 << bits];
        _shift = 32 - bits;

        int end = 0;
        for (int rank = 0; rank < merges.Count; rank++)
        {
            ReadOnlySpan<byte> merge = merges[rank];
            // A space in the text is another character in the byte-level alphabet.
            int separator = merge.IndexOf((byte)' ');
            if (separator <= 0 || separator == merge.Length - 1 || merge.Length > ushort.MaxValue)
                continue;

            int start = end;
            int leftLength = ByteLevelAlphabet.Decode(merge[..separator], _bytes.AsSpan(start));
            int length = leftLength + ByteLevelAlphabet.Decode(merge[(separator + 1)..], _bytes.AsSpan(start + leftLength));
            end += length;
            _rules[rank] = new Rule(start, (ushort)length, (ushort)leftLength);
            _maxLength = Math.Max(_maxLength, length);

            // The first rule for a pair counts, as the lowest rank does.
            uint hash = ByteHash.Compute(_bytes.AsSpan(start, length), leftLength);
            uint slot = SlotOf(_bytes.AsSpan(start, length), leftLength, hash);
            if (_slots[slot] == 0)
                _slots[slot] = ((ulong)hash << 32) | (uint)(rank + 1);
        }
    }

    /// <summary>Rank of the rule for a pair, lower ranks merge first; -1 when there is none.</summary>
    /// <param name="pair">Bytes of both symbols.</param>
    /// <param name="leftLength">How many of them are the left symbol's.</param>
    public int Find(ReadOnlySpan<byte> pair, int leftLength)
    {
        if (pair.Length > _maxLength)
            return -1;
        uint hash = ByteHash.Compute(pair, leftLength);
        return (int)(uint)_slots[SlotOf(pair, leftLength, hash)] - 1;
    }

    /// <summary>The slot that holds the pair, or the empty one where it belongs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private uint SlotOf(ReadOnlySpan<byte> pair, int leftLength, uint hash)
    {
        uint mask = (uint)_slots.Length - 1;
        for (uint slot = hash >> _shift; ; slot = (slot + 1) & mask)
        {
            ulong entry = _slots[slot];
            if (entry == 0)
                return slot;
            if ((uint)(entry >> 32) != hash)
                continue;
            Rule rule = _rules[(int)(uint)entry - 1];
            if (rule.LeftLength == leftLength && _bytes.AsSpan(rule.Start, rule.Length).SequenceEqual(pair))
                return slot;
        }
    }

    private static int TotalLength(IUtf8StringList merges)
    {
        int length = 0;
        for (int rank = 0; rank < merges.Count; rank++)
            length += merges[rank].Length;
        return length;
    }

    private readonly record struct Rule(int Start, ushort Length, ushort LeftLength);
}
