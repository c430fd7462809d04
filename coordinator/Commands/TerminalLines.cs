namespace Cluster.Coordinator.Commands;

/// <summary>Lines of standard input: a person's after a prompt, a script's without.</summary>
internal sealed class TerminalLines(Terminal terminal)
{
    private TextReader? _reader;

    public async Task<string?> ReadAsync(string prompt, CancellationToken cancellationToken)
    {
        if (terminal.IsInputInteractive)
        {
            await terminal.Out.WriteAsync(prompt).ConfigureAwait(false);
            await terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        // A terminal's line cannot be waited for otherwise; whoever leaves before it comes leaves the thread behind.
        _reader ??= terminal.Input();
        return await Task.Run(_reader.ReadLine, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
