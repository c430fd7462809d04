using Cluster.Model.Sharding;

namespace Cluster.Model.KvCache;

/// <summary>
/// A place in a stretch of cached rows, which walks them in the one order that files and streams of a cache have: layer, KV head, keys
/// before values, token. Layers and heads are the model's indices, so the order says nothing of the split that the rows come from or go to.
/// </summary>
public sealed class KvCursor
{
    private readonly IndexRange _layers;
    private readonly IndexRange _kvHeads;
    private readonly int _tokenCount;

    /// <param name="layers">Layers of the stretch; not empty.</param>
    /// <param name="kvHeads">KV heads of the stretch; not empty.</param>
    /// <param name="tokenCount">Tokens of each head; at least 1.</param>
    public KvCursor(IndexRange layers, IndexRange kvHeads, int tokenCount)
    {
        if (layers.IsEmpty || kvHeads.IsEmpty || tokenCount < 1)
            throw new ArgumentException($"Layers {layers}, KV heads {kvHeads} and {tokenCount} tokens have no rows.");

        _layers = layers;
        _kvHeads = kvHeads;
        _tokenCount = tokenCount;
        Layer = layers.Start;
        KvHead = kvHeads.Start;
    }

    public int Layer { get; private set; }

    public int KvHead { get; private set; }

    public KvPart Part { get; private set; }

    /// <summary>The next token, counted from the stretch's first.</summary>
    public int Token { get; private set; }

    /// <summary>Rows that are left of this head's keys or values.</summary>
    public int RowsLeft => IsAtEnd ? 0 : _tokenCount - Token;

    /// <summary>Whether nothing is left of the stretch.</summary>
    public bool IsAtEnd => Layer == _layers.End;

    /// <summary>Whether the next row is the first of its layer and head.</summary>
    public bool IsAtHead => Part == KvPart.Keys && Token == 0;

    /// <summary>Walks over so many rows of one head's keys or values, and on to the next when that was the last of them.</summary>
    public void Advance(int rows)
    {
        if (rows < 1 || rows > RowsLeft) throw new ArgumentOutOfRangeException(nameof(rows), rows, $"{RowsLeft} rows are left at {this}.");

        Token += rows;
        if (Token < _tokenCount) return;
        Token = 0;
        if (Part == KvPart.Keys)
        {
            Part = KvPart.Values;
            return;
        }

        Part = KvPart.Keys;
        if (++KvHead < _kvHeads.End) return;
        KvHead = _kvHeads.Start;
        Layer++;
    }

    /// <summary>For messages: <c>layer 3, KV head 0, values of token 16</c>.</summary>
    public override string ToString() =>
        IsAtEnd ? "the end" : $"layer {Layer}, KV head {KvHead}, {(Part == KvPart.Keys ? "keys" : "values")} of token {Token}";
}
