namespace Grpc.Core;

/// <summary>What a caller sets for one call.</summary>
public readonly struct CallOptions
{
    /// <param name="headers">Request metadata.</param>
    /// <param name="deadline">UTC instant after which the call ends with <see cref="StatusCode.DeadlineExceeded"/>.</param>
    /// <param name="cancellationToken">Cancels the call on both sides.</param>
    /// <param name="writeOptions">Options of the request stream.</param>
#pragma warning disable CA1068 // Generated code passes the arguments in this order.
    public CallOptions(
        Metadata? headers = null,
        DateTime? deadline = null,
        CancellationToken cancellationToken = default,
        WriteOptions? writeOptions = null)
#pragma warning restore CA1068
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
    }

    public Metadata? Headers { get; private init; }

    public DateTime? Deadline { get; private init; }

    public CancellationToken CancellationToken { get; private init; }

    public WriteOptions? WriteOptions { get; private init; }

    public CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    public CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    public CallOptions WithCancellationToken(CancellationToken cancellationToken) => this with { CancellationToken = cancellationToken };

    public CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };
}
