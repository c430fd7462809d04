using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

/// <summary>
/// What a rank's cache would hold: for each slot of each block a fingerprint of the text up to the token that was written there. A
/// block that two owners write to, or that is found for other tokens than its own, does not have what its reader expects.
/// </summary>
internal sealed class CacheMemory(BlockManager blocks)
{
    private readonly ulong[] _slots = new ulong[blocks.BlockCount * blocks.BlockTokens];

    public void Copy(List<BlockCopy> copies)
    {
        foreach (var (source, target) in copies) Block(source).CopyTo(Block(target));
    }

    /// <summary>Executes the tokens from <paramref name="start"/> on: reads all before them, writes them.</summary>
    public void Write(BlockTable table, ReadOnlySpan<int> tokens, int start)
    {
        var text = Check(table, tokens[..start]);
        for (var position = start; position < tokens.Length; position++)
        {
            text = Extend(text, tokens[position]);
            Slot(table, position) = text;
        }
    }

    /// <summary>Asserts that the table's blocks hold these tokens.</summary>
    public ulong Check(BlockTable table, ReadOnlySpan<int> tokens)
    {
        var text = 14695981039346656037UL;
        for (var position = 0; position < tokens.Length; position++)
        {
            text = Extend(text, tokens[position]);
            if (Slot(table, position) != text) Assert.Fail($"block {table[position / blocks.BlockTokens]} does not hold position {position} of its reader's text");
        }

        return text;
    }

    private static ulong Extend(ulong text, int token) => (text ^ ((uint)token + 1)) * 0x100000001B3UL;

    private ref ulong Slot(BlockTable table, int position) =>
        ref _slots[table[position / blocks.BlockTokens] * blocks.BlockTokens + position % blocks.BlockTokens];

    private Span<ulong> Block(int block) => _slots.AsSpan(block * blocks.BlockTokens, blocks.BlockTokens);
}
