namespace Cluster.Model.Tokenizers;

/// <summary>Collects the bytes of a vocabulary's tokens, in order of id; no token may stand for more bytes than its text has.</summary>
internal sealed class TokenTableBuilder
{
    private readonly byte[] _bytes;
    private readonly int[] _offsets;
    private int _count;

    public TokenTableBuilder(IUtf8StringList texts)
    {
        _offsets = new int[texts.Count + 1];
        int length = 0;
        for (int id = 0; id < texts.Count; id++)
            length += texts[id].Length;
        _bytes = new byte[length];
    }

    /// <summary>Room for the next token's bytes; <see cref="Commit"/> says how many there are.</summary>
    public Span<byte> Reserve(int maxLength) => _bytes.AsSpan(_offsets[_count], maxLength);

    public void Commit(int length)
    {
        _offsets[_count + 1] = _offsets[_count] + length;
        _count++;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Commit(bytes.Length);
    }

    /// <summary>The table, in which ordinary tokens are found before added ones of the same text.</summary>
    public TokenTable Build(TokenKinds kinds)
    {
        var table = new TokenTable(_bytes, _offsets);
        for (int id = 0; id < _count; id++)
        {
            if (kinds.IsText(id))
                table.AddText(id);
        }
        foreach (int id in kinds.IdsOf(TokenType.UserDefined))
            table.AddText(id);
        return table;
    }
}
