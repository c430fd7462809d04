using System.Buffers;
using Cluster.Protos.Frames;
using Cluster.Protos.V1;
using Google.Protobuf;
using WireType = Google.Protobuf.WireFormat.WireType;

namespace Cluster.Protos.Tests.Frames;

public sealed class FrameCodecTests
{
    public static TheoryData<ulong, ulong, uint, FrameKind, int> Frames()
    {
        var frames = new TheoryData<ulong, ulong, uint, FrameKind, int>
        {
            { 0, 0, 0, FrameKind.Partial, 0 },
            { 1, 1, 1, FrameKind.ReduceScatter, 1 },
            { 127, 128, 129, FrameKind.AllGather, 127 },
            { 16_383, 16_384, 16_385, FrameKind.HiddenStates, 128 },
            { ulong.MaxValue, ulong.MaxValue - 1, uint.MaxValue, (FrameKind)4711, 70_000 },
            { 0, 5, 0, FrameKind.Partial, 16_384 },
            { 3, 0, 2, FrameKind.Partial, 8192 },
        };
        var random = new Random(42);
        for (var i = 0; i < 30; i++)
        {
            frames.Add(
                (ulong)random.NextInt64() >> random.Next(64), (ulong)random.NextInt64() >> random.Next(64),
                (uint)random.Next() >> random.Next(32), (FrameKind)random.Next(4), random.Next(5000));
        }

        return frames;
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void WritesTheBytesOfTheGeneratedClass(ulong plan, ulong step, uint operation, FrameKind kind, int payloadLength)
    {
        var header = new FrameHeader(plan, step, operation, kind);
        var payload = Payload(payloadLength);
        var output = new ArrayBufferWriter<byte>();

        FrameCodec.Write(header, payload, output);

        Assert.Equal(Generated(header, payload).ToByteArray(), output.WrittenSpan);
        Assert.Equal(output.WrittenCount, FrameCodec.Size(header, payloadLength));
        Assert.InRange(output.WrittenCount - payloadLength, 0, FrameCodec.MaxOverhead);
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void ReadsWhatTheGeneratedClassWrites(ulong plan, ulong step, uint operation, FrameKind kind, int payloadLength)
    {
        var header = new FrameHeader(plan, step, operation, kind);
        var payload = Payload(payloadLength);
        var bytes = Generated(header, payload).ToByteArray();

        foreach (var segmentLength in (ReadOnlySpan<int>)[int.MaxValue, 1, 7, 4096])
        {
            Assert.True(FrameCodec.TryRead(Segments.Of(bytes, segmentLength), out var read, out var readPayload));
            Assert.Equal(header, read);
            Assert.Equal(payload, readPayload.ToArray());
        }
    }

    [Fact]
    public void ReadsFieldsInAnyOrderAndTheLastOfSeveralAndSkipsUnknownOnes()
    {
        var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(5, WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFromUtf8("first"));
            output.WriteTag(99, WireType.Fixed64);
            output.WriteFixed64(1);
            output.WriteTag(3, WireType.Varint);
            output.WriteUInt32(7);
            output.WriteTag(2000, WireType.LengthDelimited);
            output.WriteString("unknown");
            output.WriteTag(98, WireType.Fixed32);
            output.WriteFixed32(2);
            output.WriteTag(2, WireType.Varint);
            output.WriteUInt64(8);
            output.WriteTag(97, WireType.Varint);
            output.WriteUInt64(ulong.MaxValue);
            output.WriteTag(3, WireType.Varint);
            output.WriteUInt32(9);
            output.WriteTag(5, WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFromUtf8("last"));
        }

        Assert.True(FrameCodec.TryRead(Segments.Of(stream.ToArray(), 3), out var header, out var payload));
        var generated = ActivationFrame.Parser.ParseFrom(stream.ToArray());
        Assert.Equal(new FrameHeader(generated.PlanVersion, generated.StepId, generated.Operation, generated.Kind), header);
        Assert.Equal(generated.Payload.ToByteArray(), payload.ToArray());
        Assert.Equal("last"u8.ToArray(), payload.ToArray());
    }

    [Fact]
    public void RefusesBrokenMessagesAndNeverThrows()
    {
        var bytes = Generated(new FrameHeader(300, 70_000, 5, FrameKind.AllGather), Payload(40)).ToByteArray();
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var mutated = bytes.AsSpan(0, random.Next(bytes.Length + 1)).ToArray();
            for (var flips = random.Next(4); flips > 0 && mutated.Length > 0; flips--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            if (!FrameCodec.TryRead(Segments.Of(mutated, random.Next(1, 50)), out _, out var payload)) refused++;
            else Assert.InRange(payload.Length, 0, mutated.Length);
        }

        Assert.InRange(refused, 1000, 19_999);
    }

    [Theory]
    [InlineData("2805")] // payload announced, of wire type varint: another field's bytes
    [InlineData("2a05414243")] // five bytes announced, three there
    [InlineData("08ffffffffffffffffffff01")] // a varint of eleven bytes
    [InlineData("00")] // field number 0
    [InlineData("0b")] // a group
    [InlineData("2affffffff0f")] // a length of 4 GiB
    public void RefusesWhatTheGeneratedClassRefuses(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        if (hex == "2805")
        {
            // Of the wrong wire type a field is an unknown one to both.
            Assert.True(FrameCodec.TryRead(new ReadOnlySequence<byte>(bytes), out _, out var payload));
            Assert.True(payload.IsEmpty);
            Assert.Empty(ActivationFrame.Parser.ParseFrom(bytes).Payload);
            return;
        }

        Assert.False(FrameCodec.TryRead(new ReadOnlySequence<byte>(bytes), out _, out _));
        Assert.ThrowsAny<InvalidProtocolBufferException>(() => ActivationFrame.Parser.ParseFrom(bytes));
    }

    [Fact]
    public void AllocatesNothing()
    {
        var header = new FrameHeader(3, 99, 17, FrameKind.HiddenStates);
        var payload = Payload(8192);
        var output = new ArrayBufferWriter<byte>(16_384);
        FrameCodec.Write(header, payload, output);
        var message = Segments.Of(output.WrittenSpan.ToArray(), 4096);
        Assert.True(FrameCodec.TryRead(message, out _, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = 0;
        for (var i = 0; i < 100; i++)
        {
            output.ResetWrittenCount();
            FrameCodec.Write(header, payload, output);
            if (FrameCodec.TryRead(message, out _, out _)) read++;
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(100, read);
    }

    private static ActivationFrame Generated(FrameHeader header, byte[] payload) => new()
    {
        PlanVersion = header.PlanVersion,
        StepId = header.StepId,
        Operation = header.Operation,
        Kind = header.Kind,
        Payload = ByteString.CopyFrom(payload),
    };

    private static byte[] Payload(int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        return payload;
    }
}
