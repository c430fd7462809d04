using Microsoft.Extensions.Logging;

namespace Cluster.Worker.Logging;

/// <summary>Logs one line an event to standard error: time, severity, where, what.</summary>
internal sealed class StderrLoggerProvider(TextWriter output) : ILoggerProvider
{
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => new StderrLogger(this, categoryName);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message)
    {
        var line = $"{DateTime.UtcNow:HH:mm:ss.fff} {Name(level)} {category}: {message.ReplaceLineEndings(" ")}";
        lock (_lock) output.WriteLine(line);
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };

    private sealed class StderrLogger(StderrLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var message = formatter(state, exception);
            provider.Write(logLevel, category, exception is null ? message : $"{message}: {exception.GetType().Name}: {exception.Message}");
        }
    }
}
