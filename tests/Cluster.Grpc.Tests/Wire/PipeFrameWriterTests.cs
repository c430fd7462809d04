using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class PipeFrameWriterTests
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    [InlineData(200_000)]
    public async Task All_ways_to_serialize_give_the_same_bytes(int size)
    {
        var payload = new byte[size];
        new Random(size).NextBytes(payload);
        byte[] expected = [0, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, .. payload];
        var writer = new PipeFrameWriter(_pipe.Writer, null);
        var buffer = new FrameBuffer(null);

        foreach (var serializer in (Action<byte[], SerializationContext>[])[WholeArray, Announced, NotAnnounced])
        {
            writer.Write(payload, serializer);
            Assert.Equal(expected, await FlushedAsync());
            Assert.Equal(expected, buffer.Serialize(payload, serializer).ToArray());
        }
    }

    [Fact]
    public async Task Buffer_is_reused_after_a_bigger_and_a_smaller_message()
    {
        var writer = new PipeFrameWriter(_pipe.Writer, null);
        foreach (var size in (int[])[10, 9_000_000, 3, 5000])
        {
            writer.Write(new byte[size], NotAnnounced);
            Assert.Equal(size + 5, (await FlushedAsync()).Length);
        }

        writer.Release();
        writer.Write(new byte[] { 1, 2 }, NotAnnounced);
        Assert.Equal([0, 0, 0, 0, 2, 1, 2], await FlushedAsync());
    }

    [Fact]
    public async Task Too_big_a_message_leaves_no_trace_in_the_stream()
    {
        var writer = new PipeFrameWriter(_pipe.Writer, maxMessageSize: 100);
        foreach (var serializer in (Action<byte[], SerializationContext>[])[WholeArray, Announced, NotAnnounced])
        {
            var error = Assert.Throws<RpcException>(() => writer.Write(new byte[101], serializer));
            Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
            Assert.False(writer.IsBroken);
        }

        writer.Write(new byte[100], Announced);
        Assert.Equal(105, (await FlushedAsync()).Length);
    }

    [Fact]
    public void Serializer_that_breaks_its_word_breaks_the_stream()
    {
        var writer = new PipeFrameWriter(_pipe.Writer, null);

        Assert.Throws<InvalidOperationException>(() => writer.Write(new byte[3], (bytes, context) =>
        {
            context.SetPayloadLength(4);
            context.GetBufferWriter().Write(bytes);
            context.Complete();
        }));

        Assert.True(writer.IsBroken);
    }

    [Fact]
    public void Serializer_that_fails_before_it_wrote_does_not_break_the_stream()
    {
        var writer = new PipeFrameWriter(_pipe.Writer, null);

        Assert.Throws<NotSupportedException>(() => writer.Write("", (_, _) => throw new NotSupportedException()));
        Assert.Throws<InvalidOperationException>(() => writer.Write("", (_, _) => { }));

        Assert.False(writer.IsBroken);
    }

    private static void WholeArray(byte[] message, SerializationContext context) => context.Complete(message);

    private static void Announced(byte[] message, SerializationContext context)
    {
        context.SetPayloadLength(message.Length);
        context.GetBufferWriter().Write(message);
        context.Complete();
    }

    private static void NotAnnounced(byte[] message, SerializationContext context)
    {
        foreach (var part in message.Chunk(1000))
            context.GetBufferWriter().Write(part);
        context.Complete();
    }

    private async Task<byte[]> FlushedAsync()
    {
        await _pipe.Writer.FlushAsync();
        Assert.True(_pipe.Reader.TryRead(out var result));
        var bytes = result.Buffer.ToArray();
        _pipe.Reader.AdvanceTo(result.Buffer.End);
        return bytes;
    }
}
