using System.Globalization;

namespace Cluster.Coordinator.Chat;

/// <summary>Has a person type lines: the cursor moves within them, and the arrows up and down bring back those before.</summary>
/// <param name="readKey">The next key, which is not shown.</param>
/// <param name="output">The terminal, which knows ANSI's sequences.</param>
/// <param name="width">Its columns; 0 where it does not know.</param>
internal sealed class LineEditor(Func<ConsoleKeyInfo> readKey, TextWriter output, Func<int> width)
{
    private const int UsualWidth = 80;

    private readonly LineBuffer _line = new();

    // Rows from the first one of the line to the cursor's.
    private int _row;

    /// <returns>Null at the end of the input: Ctrl-D on an empty line.</returns>
    public string? ReadLine(string prompt)
    {
        _row = 0;
        Show(prompt, _line.Cursor);
        while (true)
        {
            var key = readKey();
            if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } && _line.Text.Length == 0)
            {
                output.WriteLine();
                return null;
            }

            if (key.Key == ConsoleKey.Enter)
            {
                Show(prompt, _line.Text.Length);
                output.WriteLine();
                return _line.Take();
            }

            _line.Apply(key);
            Show(prompt, _line.Cursor);
        }
    }

    /// <summary>Draws the line anew; it may take several rows.</summary>
    private void Show(string prompt, int cursor)
    {
        var columns = width() is var known and > 0 ? known : UsualWidth;
        var text = prompt + _line.Text;

        // A terminal goes to the next row only with the next character: a full row gets one, so that rows are what they are counted to be.
        var fill = text.Length > 0 && text.Length % columns == 0 ? " \b" : "";
        var (end, target) = (text.Length / columns, prompt.Length + cursor);
        output.Write(Up(_row) + "\r\u001b[J" + text + fill);
        _row = target / columns;
        output.Write(Up(end - _row) + string.Create(CultureInfo.InvariantCulture, $"\u001b[{target % columns + 1}G"));
        output.Flush();
    }

    private static string Up(int rows) => rows > 0 ? string.Create(CultureInfo.InvariantCulture, $"\u001b[{rows}A") : "";
}
