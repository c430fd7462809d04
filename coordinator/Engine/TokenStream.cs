using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// The way of a sequence's tokens from the engine to one reader. Bounded: while it is full the sequence pauses, so that a reader who
/// stopped costs nobody anything. Disposing it gives the sequence up.
/// </summary>
internal sealed class TokenStream(Action wakeEngine, Action cancel) : IDisposable
{
    private const int Capacity = 256;

    // Two places more than are ever counted on: for the token of a step that has gone ahead, and for text that is released at the end.
    private readonly Channel<TokenEvent> _events = Channel.CreateBounded<TokenEvent>(
        new BoundedChannelOptions(Capacity + 2) { SingleReader = true, SingleWriter = true });

    private volatile bool _isEngineWaiting;
    private volatile GenerationSummary? _summary;
    private long _taken;

    /// <summary>How it went; null while it goes on.</summary>
    public GenerationSummary? Summary => _summary;

    /// <summary>Events that the reader has been given.</summary>
    public long TakenCount => Volatile.Read(ref _taken);

    /// <summary>All tokens until the end, which is then in <see cref="Summary"/>.</summary>
    public async IAsyncEnumerable<TokenEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var token in _events.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_isEngineWaiting && _events.Reader.Count <= Capacity / 2)
            {
                _isEngineWaiting = false;
                wakeEngine();
            }

            Volatile.Write(ref _taken, _taken + 1);
            yield return token;
        }
    }

    public void Dispose()
    {
        if (_summary is null) cancel();
    }

    /// <summary>Whether the reader is so far behind that the next token has to wait. The engine is woken when it has caught up.</summary>
    internal bool IsFull()
    {
        if (_events.Reader.Count < Capacity) return false;

        // The reader may have caught up before it could see the flag: look again.
        _isEngineWaiting = true;
        return _events.Reader.Count >= Capacity;
    }

    internal void Write(TokenEvent token)
    {
        if (!_events.Writer.TryWrite(token)) throw new InvalidOperationException("A sequence went on although its stream is full.");
    }

    internal void End(GenerationSummary summary)
    {
        _summary = summary;
        _events.Writer.TryComplete();
    }
}
