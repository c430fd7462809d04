namespace Cluster.Worker.Threading;

/// <summary>Set once, from any thread: why something must not go on.</summary>
internal sealed class AbortReason
{
    private volatile string? _text;

    /// <summary>One line, or null while all is well.</summary>
    public string? Text => _text;

    /// <summary>The first reason counts.</summary>
    public void Set(string text) => Interlocked.CompareExchange(ref _text, text, null);
}
