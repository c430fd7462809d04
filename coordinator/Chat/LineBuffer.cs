using System.Text;

namespace Cluster.Coordinator.Chat;

/// <summary>A line that is being typed, and those typed before. What keys do to it, without a terminal.</summary>
internal sealed class LineBuffer
{
    private readonly List<string> _history = [];
    private readonly StringBuilder _text = new();
    private int _place;
    private string _draft = "";

    public string Text => _text.ToString();

    /// <summary>Characters before the cursor.</summary>
    public int Cursor { get; private set; }

    /// <summary>Ends the line, which is remembered, and begins the next.</summary>
    public string Take()
    {
        var line = Text;
        if (line.Length > 0 && (_history.Count == 0 || _history[^1] != line)) _history.Add(line);
        _place = _history.Count;
        Replace("");
        return line;
    }

    /// <summary>Does what the key asks for; keys that are of no use here do nothing.</summary>
    public void Apply(ConsoleKeyInfo key)
    {
        switch (key)
        {
            case { Key: ConsoleKey.LeftArrow }:
                Cursor = Math.Max(0, Cursor - 1);
                break;
            case { Key: ConsoleKey.RightArrow }:
                Cursor = Math.Min(_text.Length, Cursor + 1);
                break;
            case { Key: ConsoleKey.Home } or { Key: ConsoleKey.A, Modifiers: ConsoleModifiers.Control }:
                Cursor = 0;
                break;
            case { Key: ConsoleKey.End } or { Key: ConsoleKey.E, Modifiers: ConsoleModifiers.Control }:
                Cursor = _text.Length;
                break;
            case { Key: ConsoleKey.Backspace } when Cursor > 0:
                _text.Remove(--Cursor, 1);
                break;
            case { Key: ConsoleKey.Delete } when Cursor < _text.Length:
                _text.Remove(Cursor, 1);
                break;
            case { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control }:
                _text.Remove(0, Cursor);
                Cursor = 0;
                break;
            case { Key: ConsoleKey.UpArrow } when _place > 0:
                if (_place == _history.Count) _draft = Text;
                Replace(_history[--_place]);
                break;
            case { Key: ConsoleKey.DownArrow } when _place < _history.Count:
                Replace(++_place == _history.Count ? _draft : _history[_place]);
                break;
            case { KeyChar: var typed } when !char.IsControl(typed):
                _text.Insert(Cursor++, typed);
                break;
        }
    }

    private void Replace(string text)
    {
        _text.Clear().Append(text);
        Cursor = text.Length;
    }
}
