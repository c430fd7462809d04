using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;
using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class FrameReaderTests
{
    private readonly Pipe _pipe = new(new PipeOptions(useSynchronizationContext: false));

    [Fact]
    public async Task Messages_are_cut_wherever_the_bytes_arrive_in_pieces()
    {
        var random = new Random(3);
        var sent = Enumerable.Range(0, 200).Select(i => RandomMessage(random, i)).ToList();
        var bytes = sent.SelectMany(m => RawHttp2.Frame(m)).ToArray();
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(random.Next(1, 300), bytes.Length - at);
                await _pipe.Writer.WriteAsync(bytes.AsMemory(at, length));
                at += length;
            }

            await _pipe.Writer.CompleteAsync();
        });

        var reader = Reader();
        foreach (var expected in sent)
        {
            Assert.True(await reader.ReadAsync(Parse, default));
            Assert.Equal(expected, reader.Current);
        }

        Assert.False(await reader.ReadAsync(Parse, default));
        Assert.Null(reader.Current);
        await writing;
    }

    [Fact]
    public async Task Length_over_the_limit_is_refused_before_the_message_has_arrived()
    {
        await _pipe.Writer.WriteAsync(new byte[] { 0, 0, 0, 4, 1 });

        var error = await Failure.OfAsync(Reader(maxSize: 1024).ReadAsync(Parse, default).AsTask());

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Contains("1025", error.Status.Detail);
        Assert.Contains("1024", error.Status.Detail);
    }

    [Fact]
    public async Task Length_of_four_gigabytes_is_refused_without_a_limit_too()
    {
        await _pipe.Writer.WriteAsync(new byte[] { 0, 0xff, 0xff, 0xff, 0xff });

        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(Reader(maxSize: null).ReadAsync(Parse, default).AsTask()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(9)]
    public async Task End_in_the_middle_of_a_message_is_an_error(int length)
    {
        await _pipe.Writer.WriteAsync(RawHttp2.Frame(new EchoMessage { Text = "0123456789" }).AsMemory(0, length));
        await _pipe.Writer.CompleteAsync();

        Assert.Equal(StatusCode.Internal, await Failure.CodeAsync(Reader().ReadAsync(Parse, default).AsTask()));
    }

    [Fact]
    public async Task Compressed_message_is_decompressed_only_where_gzip_was_announced()
    {
        var frame = RawHttp2.Frame(new EchoMessage { Text = new string('a', 1000) }, gzip: true);
        await _pipe.Writer.WriteAsync(frame);
        var reader = Reader("gzip");
        Assert.True(await reader.ReadAsync(Parse, default));
        Assert.Equal(1000, reader.Current!.Text.Length);

        await _pipe.Writer.WriteAsync(frame);
        Assert.Equal(StatusCode.Internal, await Failure.CodeAsync(Reader("identity").ReadAsync(Parse, default).AsTask()));
    }

    [Fact]
    public async Task Small_compressed_message_cannot_grow_over_the_limit()
    {
        var frame = RawHttp2.Frame(new EchoMessage { Text = new string('a', 1 << 20) }, gzip: true);
        Assert.InRange(frame.Length, 1, 50_000);
        await _pipe.Writer.WriteAsync(frame);

        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(Reader("gzip", 100_000).ReadAsync(Parse, default).AsTask()));
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 3, 1, 2, 3 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0x0a, 0x7f })]
    public async Task Malformed_messages_are_errors(byte[] bytes)
    {
        await _pipe.Writer.WriteAsync(bytes);

        Assert.Equal(StatusCode.Internal, await Failure.CodeAsync(Reader("gzip").ReadAsync(Parse, default).AsTask()));
    }

    [Fact]
    public async Task Read_that_was_cancelled_loses_nothing()
    {
        var reader = Reader();
        var frame = RawHttp2.Frame(new EchoMessage { Number = 5 });
        await _pipe.Writer.WriteAsync(frame.AsMemory(0, 4));
        var read = reader.ReadAsync(Parse, default).AsTask();
        _pipe.Reader.CancelPendingRead();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);

        await _pipe.Writer.WriteAsync(frame.AsMemory(4));
        Assert.True(await reader.ReadAsync(Parse, default));
        Assert.Equal(5, reader.Current!.Number);
    }

    private static EchoMessage Parse(DeserializationContext context)
    {
        var payload = context.PayloadAsReadOnlySequence();
        Assert.Equal(context.PayloadLength, payload.Length);
        Assert.Equal(payload.ToArray(), context.PayloadAsNewBuffer());
        return EchoMessage.Parser.ParseFrom(payload);
    }

    private static EchoMessage RandomMessage(Random random, int number)
    {
        var data = new byte[random.Next(500)];
        random.NextBytes(data);
        return new EchoMessage { Number = number, Data = Google.Protobuf.ByteString.CopyFrom(data) };
    }

    private FrameReader<EchoMessage> Reader(string encoding = "identity", int? maxSize = 4096) => new(_pipe.Reader, encoding, maxSize);
}
