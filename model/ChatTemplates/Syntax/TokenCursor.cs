namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>A place in a template's tokens.</summary>
internal sealed class TokenCursor(IReadOnlyList<Token> tokens)
{
    private int _index;

    public Token Current => tokens[_index];

    /// <summary>The token after the current one.</summary>
    public Token Following => tokens[Math.Min(_index + 1, tokens.Count - 1)];

    public Token Take()
    {
        var token = Current;
        if (token.Kind != TokenKind.EndOfTemplate) _index++;
        return token;
    }

    public bool TryTakeOperator(string text)
    {
        if (!Current.IsOperator(text)) return false;
        _index++;
        return true;
    }

    public bool TryTakeName(string name)
    {
        if (!Current.IsName(name)) return false;
        _index++;
        return true;
    }

    public void ExpectOperator(string text)
    {
        if (!TryTakeOperator(text)) throw Unexpected($"'{text}'");
    }

    public void ExpectName(string name)
    {
        if (!TryTakeName(name)) throw Unexpected($"'{name}'");
    }

    public Token Expect(TokenKind kind, string description) => Current.Kind == kind ? Take() : throw Unexpected(description);

    public string ExpectName() => Expect(TokenKind.Name, "a name").Text;

    public ChatTemplateException Unexpected(string expected) => new(Current.Line, $"{expected} is expected, not {Current.Description}");
}
