using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Streams;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The responses of a call. The one that reads to the end ends the call with the server's status.</summary>
internal sealed class ClientStreamReader<T>(
    CallLifetime lifetime, Task<FrameReader<T>?> opened, Func<DeserializationContext, T> deserializer) : IMessageStreamReader<T>
    where T : class
{
    private T? _current;
    private int _reading;

    public Func<DeserializationContext, T> Deserializer { get; set; } = deserializer;

    public T Current => _current ?? throw new InvalidOperationException("There is no current message.");

    /// <summary>Set before <c>opened</c> completes with a reader.</summary>
    public HttpResponseMessage? Response { get; set; }

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        var read = MoveNextAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? Task.FromResult(read.Result) : read.AsTask();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
            throw new InvalidOperationException("A read is in progress on this stream.");

        var cancellation = cancellationToken.UnsafeRegister(static state => ((CallLifetime)state!).Cancel(), lifetime);
        try
        {
            _current = null;
            if (lifetime.Result is null)
            {
                var frames = opened.IsCompletedSuccessfully ? opened.Result : await opened.ConfigureAwait(false);
                if (frames is not null)
                {
                    if (await frames.ReadAsync(Deserializer, lifetime.Token).ConfigureAwait(false))
                    {
                        _current = frames.Current;
                        return true;
                    }

                    var result = ResponseParser.ReadTrailers(Response!);
                    lifetime.End(result.Status, result.Trailers);
                }
            }
        }
        catch (Exception e)
        {
            lifetime.Fail(e);
        }
        finally
        {
            cancellation.Unregister();
            Volatile.Write(ref _reading, 0);
        }

        return lifetime.Result!.IsOk ? false : throw lifetime.Result.ToException();
    }
}
