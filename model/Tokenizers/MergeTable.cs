using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// The merges of a BPE vocabulary by the ids of the pair. Rules that name a token the vocabulary lacks, or that make one which text
/// may not become, can never apply and are left out.
/// </summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;

    private static readonly ulong Multiplier = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    private readonly Entry[] _slots;
    private readonly int _shift;

    private MergeTable(int capacity)
    {
        int bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity + capacity / 2)));
        _slots = new Entry[1 << bits];
        _shift = 64 - bits;
        Array.Fill(_slots, new Entry(Empty, 0, 0));
    }

    /// <param name="merges">"left right" in the byte-level alphabet, in order of rank.</param>
    /// <param name="tokens">Vocabulary by raw bytes.</param>
    public static MergeTable Build(IUtf8StringList merges, TokenTable tokens)
    {
        var table = new MergeTable(merges.Count);
        var buffer = new byte[TokenTable.MaxTokenBytes];
        for (int rank = 0; rank < merges.Count; rank++)
        {
            ReadOnlySpan<byte> merge = merges[rank];
            // The first character is never the separator: a space is another character in the byte-level alphabet.
            int separator = merge.Length < 2 ? -1 : merge[1..].IndexOf((byte)' ') + 1;
            if (separator <= 0 || merge.Length > buffer.Length)
                continue;

            int leftLength = ByteLevelAlphabet.Decode(merge[..separator], buffer);
            int rightLength = ByteLevelAlphabet.Decode(merge[(separator + 1)..], buffer.AsSpan(leftLength));
            int left = tokens.Find(buffer.AsSpan(0, leftLength));
            int right = tokens.Find(buffer.AsSpan(leftLength, rightLength));
            int merged = tokens.Find(buffer.AsSpan(0, leftLength + rightLength));
            if (left >= 0 && right >= 0 && merged >= 0)
                table.Add(left, right, rank, merged);
        }
        return table;
    }

    public bool TryFind(int left, int right, out int rank, out int merged)
    {
        ulong key = Key(left, right);
        for (uint slot = Slot(key); ; slot++)
        {
            ref readonly Entry entry = ref _slots[slot & (_slots.Length - 1)];
            if (entry.Key == key)
            {
                (rank, merged) = (entry.Rank, entry.Merged);
                return true;
            }
            if (entry.Key == Empty)
            {
                (rank, merged) = (0, 0);
                return false;
            }
        }
    }

    /// <summary>The first rule for a pair counts, as the lowest rank does.</summary>
    private void Add(int left, int right, int rank, int merged)
    {
        ulong key = Key(left, right);
        uint slot = Slot(key);
        for (; _slots[slot & (_slots.Length - 1)].Key is var taken && taken != Empty; slot++)
        {
            if (taken == key)
                return;
        }
        _slots[slot & (_slots.Length - 1)] = new Entry(key, rank, merged);
    }

    private uint Slot(ulong key) => (uint)((key ^ (key >> 29)) * Multiplier >> _shift);

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private readonly record struct Entry(ulong Key, int Rank, int Merged);
}
