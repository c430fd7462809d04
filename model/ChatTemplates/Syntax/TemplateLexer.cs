using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>
/// Cuts a template into tokens, as Jinja2 does with <c>trim_blocks</c> and <c>lstrip_blocks</c>: whitespace control is settled here, so
/// that the parser sees only text that counts.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly List<Token> _tokens = [];
    private readonly string _source;
    private int _position;
    private int _line = 1;
    private bool _isAtLineStart = true;

    private TemplateLexer(string source) => _source = source;

    /// <exception cref="ChatTemplateException">A tag or string does not end, or a character has no meaning in a tag.</exception>
    public static List<Token> Tokenize(string source)
    {
        var text = source.ReplaceLineEndings("\n");
        var lexer = new TemplateLexer(text.EndsWith('\n') ? text[..^1] : text);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (FindTag() is var open && open >= 0)
        {
            var style = _source[open + 1] switch { '%' => TagStyle.Block, '{' => TagStyle.Variable, _ => TagStyle.Comment };
            var sign = open + 2 < _source.Length && _source[open + 2] is '-' or '+' ? _source[open + 2] : '\0';
            AddData(open, sign, style.TrimsLine);
            MoveTo(open + (sign == '\0' ? 2 : 3));
            if (style == TagStyle.Comment) SkipComment();
            else if (style != TagStyle.Block || !TryReadRaw()) ReadTag(style);
        }

        AddData(_source.Length, '\0', trimsLine: false);
        MoveTo(_source.Length);
        _tokens.Add(new Token(TokenKind.EndOfTemplate, "", _line));
    }

    private int FindTag()
    {
        for (var i = _position; ; i++)
        {
            i = _source.IndexOf('{', i);
            if (i < 0 || i + 1 >= _source.Length) return -1;
            if (_source[i + 1] is '%' or '{' or '#') return i;
        }
    }

    private void AddData(int end, char sign, bool trimsLine)
    {
        var text = _source.AsSpan(_position, end - _position);
        if (sign == '-')
        {
            text = PythonText.TrimEnd(text);
        }
        else if (sign != '+' && trimsLine)
        {
            var lineStart = text.LastIndexOf('\n') + 1;
            if ((lineStart > 0 || _isAtLineStart) && PythonText.TrimEnd(text[lineStart..]).IsEmpty) text = text[..lineStart];
        }

        if (!text.IsEmpty) _tokens.Add(new Token(TokenKind.Data, text.ToString(), _line));
    }

    private void ReadTag(TagStyle style)
    {
        _tokens.Add(new Token(style.Begin, "", _line));
        var open = new Stack<char>();
        while (true)
        {
            SkipSpace();
            if (_position >= _source.Length) throw Error("the template ends within a tag");
            if (open.Count == 0 && TryClose(style)) return;

            var token = TokenReader.Read(_source, _position, _line, out var length);
            if (token.Kind == TokenKind.Operator) Balance(open, token.Text[0]);
            _tokens.Add(token);
            MoveTo(_position + length);
        }
    }

    private void Balance(Stack<char> open, char bracket)
    {
        switch (bracket)
        {
            case '(':
                open.Push(')');
                break;
            case '[':
                open.Push(']');
                break;
            case '{':
                open.Push('}');
                break;
            case ')' or ']' or '}' when !open.TryPop(out var expected) || expected != bracket:
                throw Error($"'{bracket}' closes nothing");
        }
    }

    /// <summary>Takes the end of a tag with the whitespace that goes with it.</summary>
    private bool TryClose(TagStyle style)
    {
        var sign = _source[_position] is '-' or '+' ? _source[_position] : '\0';
        var closing = _position + (sign == '\0' ? 0 : 1);
        if (sign == '+' && !style.TrimsLine) return false;
        if (string.CompareOrdinal(_source, closing, style.Closing, 0, style.Closing.Length) != 0) return false;

        if (style.Begin != TokenKind.Data) _tokens.Add(new Token(style.End, "", _line));
        MoveTo(closing + style.Closing.Length);
        if (sign == '-') SkipSpace();
        else if (sign == '\0' && style.TrimsLine && _position < _source.Length && _source[_position] == '\n') MoveTo(_position + 1);
        return true;
    }

    private void SkipComment()
    {
        while (_position < _source.Length)
        {
            if (TryClose(TagStyle.Comment)) return;
            MoveTo(_position + 1);
        }

        throw Error("a comment does not end");
    }

    /// <summary><c>{% raw %}</c>: everything up to <c>{% endraw %}</c> is text.</summary>
    private bool TryReadRaw()
    {
        if (MatchWord(_position, "raw") is not { } afterWord) return false;
        var sign = afterWord < _source.Length && _source[afterWord] == '-' ? 1 : 0;
        if (string.CompareOrdinal(_source, afterWord + sign, "%}", 0, 2) != 0) return false;

        MoveTo(afterWord + sign + 2);
        if (sign == 1) SkipSpace();
        for (var open = _position; (open = _source.IndexOf("{%", open, StringComparison.Ordinal)) >= 0; open += 2)
        {
            var mark = open + 2 < _source.Length && _source[open + 2] is '-' or '+' ? _source[open + 2] : '\0';
            if (MatchWord(open + (mark == '\0' ? 2 : 3), "endraw") is not { } end) continue;

            AddData(open, mark, trimsLine: true);
            MoveTo(end);
            if (_position >= _source.Length || !TryClose(TagStyle.Comment with { Closing = "%}" })) throw Error("'endraw' is not followed by '%}'");
            return true;
        }

        throw Error("a raw block does not end");
    }

    /// <returns>The place after the word and the whitespace around it, or null.</returns>
    private int? MatchWord(int position, string word)
    {
        while (position < _source.Length && PythonText.IsSpace(_source[position])) position++;
        if (string.CompareOrdinal(_source, position, word, 0, word.Length) != 0) return null;

        position += word.Length;
        while (position < _source.Length && PythonText.IsSpace(_source[position])) position++;
        return position;
    }

    private void SkipSpace()
    {
        var end = _position;
        while (end < _source.Length && PythonText.IsSpace(_source[end])) end++;
        if (end > _position) MoveTo(end);
    }

    private void MoveTo(int position)
    {
        _line += _source.AsSpan(_position, position - _position).Count('\n');
        if (position > _position) _isAtLineStart = _source[position - 1] == '\n';
        _position = position;
    }

    private ChatTemplateException Error(string message) => new(_line, message);
}
