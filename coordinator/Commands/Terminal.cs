using Spectre.Console;

namespace Cluster.Coordinator.Commands;

/// <summary>Where a command writes: results to standard output, all else to standard error.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsErrorInteractive">Whether somebody watches standard error, so that a progress bar makes sense.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsErrorInteractive)
{
    /// <summary>What a table may be wide when nobody's window limits it.</summary>
    private const int FileWidth = 240;

    public static Terminal System { get; } = new(Console.Out, Console.Error, !Console.IsErrorRedirected)
    {
        Input = static () => Console.In,
        IsInputInteractive = !Console.IsInputRedirected && !Console.IsOutputRedirected,
    };

    /// <summary>Gives standard input, which few commands read.</summary>
    public Func<TextReader> Input { get; init; } = static () => TextReader.Null;

    /// <summary>Whether somebody types it, and sees what is written.</summary>
    public bool IsInputInteractive { get; init; }

    /// <summary>For tables.</summary>
    public IAnsiConsole OutConsole() => Create(Out, Console.IsOutputRedirected || Out != Console.Out);

    /// <summary>For progress bars.</summary>
    public IAnsiConsole ErrorConsole() => Create(Error, !IsErrorInteractive);

    private static IAnsiConsole Create(TextWriter writer, bool isFile)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Interactive = isFile ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (isFile) console.Profile.Width = FileWidth;
        return console;
    }
}
