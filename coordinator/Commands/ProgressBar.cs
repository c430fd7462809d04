using Spectre.Console;

namespace Cluster.Coordinator.Commands;

/// <summary>A progress bar on standard error while something takes long; nothing where nobody watches. Disposing it clears it away.</summary>
internal sealed class ProgressBar : IDisposable
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _display;
    private long _finished;
    private long _total;

    private ProgressBar(Terminal terminal, bool isShown, string title) =>
        _display = isShown && terminal.IsErrorInteractive ? Task.Run(() => DisplayAsync(terminal.ErrorConsole(), title)) : Task.CompletedTask;

    public static ProgressBar Start(Terminal terminal, bool isShown, string title) => new(terminal, isShown, title);

    /// <summary>From any thread; in any unit.</summary>
    public void Report(long finished, long total)
    {
        Volatile.Write(ref _finished, finished);
        Volatile.Write(ref _total, total);
    }

    public void Dispose()
    {
        _done.TrySetResult();
        _display.GetAwaiter().GetResult();
    }

    private Task DisplayAsync(IAnsiConsole console, string title) => console.Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(async context =>
        {
            var task = context.AddTask(Markup.Escape(title));
            while (!_done.Task.IsCompleted)
            {
                var total = Volatile.Read(ref _total);
                task.MaxValue = Math.Max(1, total);
                task.Value = Math.Min(Volatile.Read(ref _finished), total);
                await Task.WhenAny(_done.Task, Task.Delay(100)).ConfigureAwait(false);
            }
        });
}
