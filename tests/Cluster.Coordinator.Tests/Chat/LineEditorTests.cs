using Cluster.Coordinator.Chat;

namespace Cluster.Coordinator.Tests.Chat;

public sealed class LineEditorTests
{
    [Fact]
    public void Keys_edit_the_line()
    {
        var lines = Read("abc", ConsoleKey.LeftArrow, ConsoleKey.Backspace, "X", ConsoleKey.Home, "<", ConsoleKey.End, ">", ConsoleKey.LeftArrow, ConsoleKey.Delete, ConsoleKey.Delete, "!", ConsoleKey.Enter);

        Assert.Equal(["<aXc!"], lines);
    }

    [Fact]
    public void Arrows_bring_back_earlier_lines_and_then_the_draft()
    {
        var lines = Read(
            "one", ConsoleKey.Enter, "two", ConsoleKey.Enter, "two", ConsoleKey.Enter,
            "draft", ConsoleKey.UpArrow, ConsoleKey.UpArrow, ConsoleKey.UpArrow, "!", ConsoleKey.Enter,
            "draft", ConsoleKey.UpArrow, ConsoleKey.DownArrow, ConsoleKey.DownArrow, "?", ConsoleKey.Enter);

        Assert.Equal(["one", "two", "two", "one!", "draft?"], lines);
    }

    [Fact]
    public void Screen_shows_the_line_over_several_rows()
    {
        var screen = new FakeScreen(columns: 10);
        var keys = Keys("0123456789abcdefghij", ConsoleKey.Home, ConsoleKey.RightArrow, "XY", ConsoleKey.Enter);
        var editor = new LineEditor(keys.Dequeue, screen, () => 10);

        Assert.Equal("0XY123456789abcdefghij", editor.ReadLine("> "));
        Assert.Equal(["> 0XY12345", "6789abcdef", "ghij"], screen.Rows);
    }

    private static List<string> Read(params object[] keys)
    {
        var queue = Keys(keys);
        var editor = new LineEditor(queue.Dequeue, TextWriter.Null, () => 80);
        var lines = new List<string>();
        while (editor.ReadLine("> ") is { } line) lines.Add(line);
        return lines;
    }

    /// <summary>Texts are typed, keys are pressed, and Ctrl-D ends all.</summary>
    private static Queue<ConsoleKeyInfo> Keys(params object[] keys)
    {
        var queue = new Queue<ConsoleKeyInfo>();
        foreach (var key in keys)
        {
            if (key is ConsoleKey pressed) queue.Enqueue(new ConsoleKeyInfo('\0', pressed, false, false, false));
            else foreach (var typed in (string)key) queue.Enqueue(new ConsoleKeyInfo(typed, ConsoleKey.None, false, false, false));
        }

        queue.Enqueue(new ConsoleKeyInfo('\u0004', ConsoleKey.D, false, false, control: true));
        return queue;
    }
}
