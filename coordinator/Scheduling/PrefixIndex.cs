using System.Numerics;

namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Finds the block that holds given tokens after a given prefix. The prefix is named by the block that holds its end, which was found the
/// same way, and the tokens are compared: what is found is the very prefix, whatever the keys' hashes do.
/// </summary>
internal sealed class PrefixIndex(int blockCount, int blockTokens)
{
    /// <summary>Stands for the block before the first.</summary>
    public const int Root = -1;

    /// <summary>Stands for the key of no tokens.</summary>
    internal const ulong RootKey = 0x243F_6A88_85A3_08D3;

    private readonly Dictionary<ulong, int> _blocks = [];
    private readonly ulong[] _keys = new ulong[blockCount];
    private readonly int[] _parents = new int[blockCount];
    private readonly bool[] _isListed = new bool[blockCount];
    private readonly int[] _tokens = new int[blockCount * blockTokens];

    public int Count => _blocks.Count;

    public bool Contains(int block) => _isListed[block];

    /// <summary>The tokens that a listed block holds.</summary>
    public ReadOnlySpan<int> TokensOf(int block) => _tokens.AsSpan(block * blockTokens, blockTokens);

    /// <param name="parent">The listed block before it, or <see cref="Root"/>.</param>
    /// <param name="tokens">One block of them.</param>
    /// <returns>The block, or null.</returns>
    public int? Find(int parent, ReadOnlySpan<int> tokens) =>
        _blocks.TryGetValue(Key(KeyOf(parent), tokens), out var block) && _parents[block] == parent && tokens.SequenceEqual(TokensOf(block))
            ? block
            : null;

    /// <summary>Lists a block.</summary>
    /// <returns>False when other tokens have the same key: they stay, and the block is not listed.</returns>
    public bool TryAdd(int block, int parent, ReadOnlySpan<int> tokens)
    {
        var key = Key(KeyOf(parent), tokens);
        if (!_blocks.TryAdd(key, block)) return false;

        _keys[block] = key;
        _parents[block] = parent;
        _isListed[block] = true;
        tokens.CopyTo(_tokens.AsSpan(block * blockTokens));
        return true;
    }

    /// <summary>Whether a listed block comes after this one; looks at all of them.</summary>
    public bool HasSuccessor(int block)
    {
        for (var i = 0; i < _parents.Length; i++)
            if (_isListed[i] && _parents[i] == block) return true;
        return false;
    }

    /// <summary>Takes out a listed block that is no listed block's parent.</summary>
    public void Remove(int block)
    {
        _blocks.Remove(_keys[block]);
        _isListed[block] = false;
    }

    /// <summary>A hash of all tokens up to a block's end: of the parent's key and the block's tokens.</summary>
    internal static ulong Key(ulong parentKey, ReadOnlySpan<int> tokens)
    {
        // A multiply and a rotation for each token; each step is a bijection of the state, so that equal tokens after unlike prefixes
        // never meet.
        var key = parentKey;
        foreach (var token in tokens) key = BitOperations.RotateLeft((key ^ (uint)token) * 0x9E37_79B9_7F4A_7C15, 29);
        return key;
    }

    private ulong KeyOf(int parent) => parent == Root ? RootKey : _keys[parent];
}
