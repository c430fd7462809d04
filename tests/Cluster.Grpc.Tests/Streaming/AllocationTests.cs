using System.IO.Pipelines;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.Tests.Streaming;

/// <summary>
/// Our share of the allocations of a long-lived stream: the transports here are pipes that allocate nothing themselves and
/// continue on the thread that feeds them, so that this thread's count is exact.
/// </summary>
public sealed class AllocationTests
{
    private const int Size = 8192;
    private const int Warmup = 200;
    private const int Count = 20_000;

    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 1,
        resumeWriterThreshold: 1,
        useSynchronizationContext: false));

    private readonly Frame _sent = new(Size) { Length = Size };
    private readonly Frame _received = new(Size);

    public AllocationTests() => new Random(11).NextBytes(_sent.Bytes);

    [Fact]
    public void Server_reads_without_allocating()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(new RequestPipe(_pipe.Reader));
        var reader = new ServerStreamReader<Frame>(context, null, "identity", null, _ => throw new NotSupportedException())
        {
            Deserializer = _received.Fill,
        };
        var bytes = new FrameBuffer(null).Serialize(_sent, Frame.Marshaller.ContextualSerializer);

        AssertAllocatesNothing(() =>
        {
            var read = reader.MoveNextAsync();
            Assert.False(read.IsCompleted);
            var write = _pipe.Writer.WriteAsync(bytes);
            Assert.True(read.Result);
            _ = write.Result;
            Assert.Same(_received, reader.Current);
        });
        Assert.Equal(_sent.Bytes, _received.Bytes);
    }

    [Fact]
    public void Server_writes_without_allocating()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new ResponsePipe(_pipe.Writer));
        var response = new ServerResponse(context, null);
        var call = new HttpServerCallContext(context, Method(MethodType.ServerStreaming), response, null);
        var writer = new ServerStreamWriter<Frame>(call, response, Frame.Marshaller.ContextualSerializer);

        AssertAllocatesNothing(() =>
        {
            var write = writer.WriteMessageAsync(_sent);
            Assert.False(write.IsCompleted);
            Drain(Size + 5);
            Assert.True(write.IsCompletedSuccessfully);
            write.GetAwaiter().GetResult();
        });
    }

    [Fact]
    public void Client_reads_without_allocating()
    {
        using var channel = GrpcChannel.ForAddress("http://localhost:1");
        using var lifetime = new CallLifetime(channel, default);
        var frames = new FrameReader<Frame>(_pipe.Reader, "identity", null);
        var reader = new ClientStreamReader<Frame>(lifetime, Task.FromResult<FrameReader<Frame>?>(frames), _received.Fill);
        var bytes = new FrameBuffer(null).Serialize(_sent, Frame.Marshaller.ContextualSerializer);

        AssertAllocatesNothing(() =>
        {
            var read = reader.MoveNextAsync();
            Assert.False(read.IsCompleted);
            var write = _pipe.Writer.WriteAsync(bytes);
            Assert.True(read.Result);
            _ = write.Result;
        });
        Assert.Equal(_sent.Bytes, _received.Bytes);
    }

    [Fact]
    public async Task Client_writes_without_allocating()
    {
        using var channel = GrpcChannel.ForAddress("http://localhost:1");
        using var lifetime = new CallLifetime(channel, default);
        var stream = new CountingStream();
        var writer = new ClientStreamWriter<Frame>(lifetime, Frame.Marshaller.ContextualSerializer, null, Task.CompletedTask);
        var sending = writer.SendAsync(stream, default);

        AssertAllocatesNothing(() =>
        {
            var write = writer.WriteMessageAsync(_sent);
            Assert.True(write.IsCompletedSuccessfully);
            write.GetAwaiter().GetResult();
        });

        Assert.Equal((Size + 5L) * (Warmup + Count), stream.Written);
        Assert.Equal(Warmup + Count + 1, stream.Flushes);
        await writer.CompleteAsync();
        await sending;
    }

    private static Method<Frame, Frame> Method(MethodType type) => new(type, "tests", "Frames", Frame.Marshaller, Frame.Marshaller);

    private static void AssertAllocatesNothing(Action message)
    {
        for (var i = 0; i < Warmup; i++)
            message();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Count; i++)
            message();

        // Nothing per message; once in a while a collection trims the pools of the framework, which then fill up again.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Count - 1);
    }

    private void Drain(int length)
    {
        Assert.True(_pipe.Reader.TryRead(out var result));
        Assert.True(length == result.Buffer.Length);
        _pipe.Reader.AdvanceTo(result.Buffer.End);
    }

    private sealed class RequestPipe(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    private sealed class ResponsePipe(PipeWriter writer) : IHttpResponseBodyFeature
    {
        public Stream Stream => throw new NotSupportedException();

        public PipeWriter Writer => writer;

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
    }

    private sealed class CountingStream : MemoryStream
    {
        public long Written { get; private set; }

        public int Flushes { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written += buffer.Length;
            return ValueTask.CompletedTask;
        }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            Flushes++;
            return Task.CompletedTask;
        }
    }
}
