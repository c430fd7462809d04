namespace Cluster.Worker.Threading;

/// <summary>
/// Messages of one stream on their way from the network side, which fills reused objects, to the compute thread: a ring for one
/// producer and one consumer. When it is full the producer stops reading, and HTTP/2's flow control holds the sender back.
/// </summary>
internal sealed class MessageRing<T> : IDisposable
    where T : class, new()
{
    private readonly T[] _messages;
    private readonly SemaphoreSlim _free;
    private readonly WakeSignal _signal;
    private uint _published;
    private uint _released;
    private volatile string? _end;

    /// <param name="capacity">Messages that may wait; a power of two, so that the counters may overflow.</param>
    /// <param name="signal">What the compute thread sleeps on.</param>
    public MessageRing(int capacity, WakeSignal signal)
    {
        _signal = signal;
        _free = new SemaphoreSlim(capacity);
        _messages = new T[capacity];
        for (var i = 0; i < capacity; i++) _messages[i] = new T();
    }

    /// <summary>Why no more messages will come, once that is so; those that are here are still to be taken.</summary>
    public string? End => _end;

    /// <summary>Producer: the reserved message, to be filled.</summary>
    public T Reserved => _messages[_published % _messages.Length];

    /// <summary>Producer: waits until there is a message to fill.</summary>
    public Task ReserveAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    /// <summary>Producer: hands the filled message over.</summary>
    public void Publish()
    {
        Volatile.Write(ref _published, _published + 1);
        _signal.Set();
    }

    /// <summary>Producer: no more messages will come. The first reason counts.</summary>
    public void Complete(string reason)
    {
        Interlocked.CompareExchange(ref _end, reason, null);
        _signal.Set();
    }

    /// <summary>Consumer: the oldest message, or null.</summary>
    public T? Peek() => Volatile.Read(ref _published) == _released ? null : _messages[_released % _messages.Length];

    /// <summary>Consumer: gives the oldest message back to be filled again.</summary>
    public void Release()
    {
        _released++;
        _free.Release();
    }

    public void Dispose() => _free.Dispose();
}
