using System.Text;

namespace Cluster.Coordinator.Tests.Chat;

/// <summary>As much of a terminal as a line editor needs: rows that wrap, and the sequences for up, to a column and clear below.</summary>
internal sealed class FakeScreen(int columns) : TextWriter
{
    private readonly List<char[]> _rows = [Blank(columns)];
    private string? _sequence;
    private int _row;
    private int _column;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Without the empty ones at the end.</summary>
    public IEnumerable<string> Rows => _rows.Select(row => new string(row).TrimEnd()).Where(row => row.Length > 0);

    public override void Write(char value)
    {
        if (_sequence is not null) Collect(value);
        else if (value == '\u001b') _sequence = "";
        else if (value == '\r') _column = 0;
        else if (value == '\n') (_row, _column) = (_row + 1, 0);
        else if (value == '\b') _column--;
        else Put(value);
        while (_rows.Count <= _row) _rows.Add(Blank(columns));
    }

    private void Put(char value)
    {
        // A full row wraps with the next character.
        if (_column == columns) (_row, _column) = (_row + 1, 0);
        while (_rows.Count <= _row) _rows.Add(Blank(columns));
        _rows[_row][_column++] = value;
    }

    private void Collect(char value)
    {
        _sequence += value;
        if (!char.IsAsciiLetter(value)) return;
        var number = int.TryParse(_sequence[1..^1], out var given) ? given : 1;
        if (value == 'A') _row -= number;
        else if (value == 'G') _column = number - 1;
        else if (value == 'J') Clear();
        else Assert.Fail($"the sequence {_sequence} is not known");
        _sequence = null;
    }

    private void Clear()
    {
        _rows[_row].AsSpan(_column).Fill(' ');
        _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
    }

    private static char[] Blank(int columns)
    {
        var row = new char[columns];
        Array.Fill(row, ' ');
        return row;
    }
}
