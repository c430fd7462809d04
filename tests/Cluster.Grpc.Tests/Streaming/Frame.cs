using System.Buffers;
using Grpc.Core;

namespace Grpc.Tests.Streaming;

/// <summary>A message that is not protobuf: raw bytes, written and read without an object or a copy between.</summary>
internal sealed class Frame(int capacity)
{
    public byte[] Bytes { get; } = new byte[capacity];

    public int Length { get; set; }

    public static Marshaller<Frame> Marshaller { get; } = Marshallers.Create<Frame>(
        static (frame, context) =>
        {
            context.SetPayloadLength(frame.Length);
            context.GetBufferWriter().Write(frame.Bytes.AsSpan(0, frame.Length));
            context.Complete();
        },
        static context =>
        {
            var frame = new Frame(context.PayloadLength);
            frame.Fill(context);
            return frame;
        });

    public Frame Fill(DeserializationContext context)
    {
        Length = context.PayloadLength;
        context.PayloadAsReadOnlySequence().CopyTo(Bytes);
        return this;
    }
}
