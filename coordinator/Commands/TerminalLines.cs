using Cluster.Coordinator.Chat;

namespace Cluster.Coordinator.Commands;

/// <summary>Lines of standard input: a person's, edited after a prompt, or a script's.</summary>
internal sealed class TerminalLines
{
    private readonly Func<string, string?> _readLine;

    public TerminalLines(Terminal terminal)
    {
        if (terminal.IsInputInteractive)
        {
            _readLine = new LineEditor(static () => Console.ReadKey(intercept: true), terminal.Out, static () => Console.WindowWidth).ReadLine;
        }
        else
        {
            var script = terminal.Input();
            _readLine = _ => script.ReadLine();
        }
    }

    /// <summary>A line cannot be waited for otherwise than by a thread; whoever leaves before it comes leaves the thread behind.</summary>
    public Task<string?> ReadAsync(string prompt, CancellationToken cancellationToken) =>
        Task.Run(() => _readLine(prompt), cancellationToken).WaitAsync(cancellationToken);
}
