using System.Runtime.InteropServices;

namespace Cluster.Coordinator.Commands;

/// <summary>Turns Ctrl-C and SIGTERM into cancellation, so that what was begun is ended in order. A second one ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private static Func<bool>? s_intercept;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>What a program that did not come to its end because of the signal exits with.</summary>
    public int ExitCode { get; private set; } = ExitCodes.Interrupted;

    /// <summary>Until disposed, <paramref name="handle"/> learns of Ctrl-C first; where it has something to stop, and returns true, nothing else ends.</summary>
    public static IDisposable Intercept(Func<bool> handle)
    {
        s_intercept = handle;
        return new Interception();
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (context.Signal == PosixSignal.SIGINT && s_intercept?.Invoke() == true)
        {
            context.Cancel = true;
            return;
        }

        if (_source.IsCancellationRequested) return;

        context.Cancel = true;
        if (context.Signal == PosixSignal.SIGTERM) ExitCode = ExitCodes.Terminated;
        _source.Cancel();
    }

    private sealed class Interception : IDisposable
    {
        public void Dispose() => s_intercept = null;
    }
}
