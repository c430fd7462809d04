using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Worker.Membership;

/// <summary>A stream on which the coordinator has welcomed this worker.</summary>
internal sealed class JoinedStream : IDisposable
{
    private readonly AsyncDuplexStreamingCall<WorkerReport, MemberNotice> _call;

    private JoinedStream(AsyncDuplexStreamingCall<WorkerReport, MemberNotice> call, string workerName)
    {
        _call = call;
        WorkerName = workerName;
    }

    /// <summary>The name that the coordinator knows this worker by.</summary>
    public string WorkerName { get; }

    /// <exception cref="RpcException">The coordinator is not there, or refuses.</exception>
    public static async Task<JoinedStream> OpenAsync(
        Protos.V1.Membership.MembershipClient client, WorkerDescription description, CancellationToken cancellationToken)
    {
        var call = client.Join(cancellationToken: CancellationToken.None);
        try
        {
            await using (cancellationToken.Register(call.Dispose))
            {
                await call.RequestStream.WriteAsync(new WorkerReport { Description = description }, CancellationToken.None).ConfigureAwait(false);
                if (!await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false) || call.ResponseStream.Current.Welcome is not { } welcome)
                    throw new RpcException(new Status(StatusCode.Unavailable, "it ended the stream without a welcome"));
                return new JoinedStream(call, welcome.WorkerName);
            }
        }
        catch (Exception e)
        {
            call.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (e is IOException or InvalidOperationException) throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
            throw;
        }
    }

    /// <summary>Beats the heart and listens until the stream ends. Once draining it asks to be told to end.</summary>
    /// <returns>Null when the worker was told to end; else how the stream ended.</returns>
    public async Task<string?> StayAsync(
        TimeSpan heartbeatInterval, TimeProvider time, Action<MemberNotice> noticed, CancellationToken draining, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var heartbeats = BeatAsync(heartbeatInterval, time, draining, ended.Token);
        try
        {
            await using (stopping.Register(_call.Dispose))
            {
                while (await _call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
                {
                    noticed(_call.ResponseStream.Current);
                    if (_call.ResponseStream.Current.ShutDown) return null;
                }
            }

            return "it ended the stream";
        }
        catch (RpcException e)
        {
            stopping.ThrowIfCancellationRequested();
            return e.Status.Detail.Length > 0 ? e.Status.Detail : e.StatusCode.ToString();
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await heartbeats.ConfigureAwait(false);
        }
    }

    public void Dispose() => _call.Dispose();

    private async Task BeatAsync(TimeSpan interval, TimeProvider time, CancellationToken draining, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(interval, time);
        var beat = new WorkerReport();
        try
        {
            // The first one at once: it tells the coordinator that its welcome has arrived.
            do
            {
                beat.Draining = draining.IsCancellationRequested;
                await _call.RequestStream.WriteAsync(beat, CancellationToken.None).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(ended).ConfigureAwait(false));
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException or IOException or InvalidOperationException)
        {
            // The reading side finds out how the stream ended.
        }
    }
}
