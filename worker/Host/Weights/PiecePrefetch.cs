namespace Cluster.Worker.Weights;

/// <summary>
/// Threads that bring pieces ahead of the load. Workers begin at different pieces, so that each takes another part from the coordinator and they
/// exchange these; the load itself waits only for what it needs next.
/// </summary>
internal sealed class PiecePrefetch
{
    /// <summary>Pieces on their way at a time: more than one hides the way there and back.</summary>
    private const int Threads = 4;

    private readonly FetchedPieces _file;
    private readonly int[] _pieces;
    private readonly CancellationToken _ending;
    private readonly Task _bringing;
    private int _next = -1;

    public PiecePrefetch(FetchedPieces file, int[] pieces, CancellationToken ending)
    {
        _file = file;
        _pieces = pieces;
        _ending = ending;
        _bringing = Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(Bring, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    /// <summary>Returns when nothing is brought any more.</summary>
    public void Wait() => _bringing.GetAwaiter().GetResult();

    private void Bring()
    {
        try
        {
            while (!_ending.IsCancellationRequested && Interlocked.Increment(ref _next) is var index && index < _pieces.Length) _file.Require(_pieces[index]);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or UnauthorizedAccessException)
        {
            // Whoever needs the piece meets the same, and says so.
        }
    }
}
