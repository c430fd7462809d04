using System.Threading.Channels;
using Grpc.Core;

namespace Cluster.Worker.Threading;

/// <summary>Work that others have the compute thread do between two steps.</summary>
internal sealed class WorkQueue(WakeSignal signal)
{
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new UnboundedChannelOptions { SingleReader = true });
    private volatile string _end = "";

    /// <summary>Has <paramref name="work"/> done; completes when it is over, fails as it does.</summary>
    /// <exception cref="RpcException">The shard has ended.</exception>
    public Task RunAsync(Action work)
    {
        var item = new Item(work);
        if (!_items.Writer.TryWrite(item)) throw Ended();
        signal.Set();
        return item.Done.Task;
    }

    /// <summary>Compute thread: does what is there.</summary>
    public void RunAll()
    {
        while (_items.Reader.TryRead(out var item))
        {
            try
            {
                item.Work();
                item.Done.SetResult();
            }
            catch (Exception e)
            {
                item.Done.SetException(e);
            }
        }
    }

    /// <summary>Compute thread: nothing more will be done.</summary>
    public void Close(string reason)
    {
        _end = reason;
        _items.Writer.Complete();
        while (_items.Reader.TryRead(out var item)) item.Done.SetException(Ended());
    }

    private RpcException Ended() => new(new Status(StatusCode.Aborted, _end));

    private sealed record Item(Action Work)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
