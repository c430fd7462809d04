using System.Buffers;
using Grpc.Core;

namespace Cluster.Protos.Frames;

/// <summary>
/// Frames on a gRPC stream. Sending copies the payload once, into the stream's buffer. Receiving copies it into a new array; a reader
/// that must not allocate gives its stream a deserializer of its own, built on <see cref="FrameCodec.TryRead"/>.
/// </summary>
public static class FrameMarshaller
{
    public static Marshaller<Frame> Instance { get; } = Marshallers.Create<Frame>(Serialize, Deserialize);

    private static void Serialize(Frame frame, SerializationContext context)
    {
        context.SetPayloadLength(FrameCodec.Size(frame.Header, frame.Payload.Length));
        FrameCodec.Write(frame.Header, frame.Payload.Span, context.GetBufferWriter());
        context.Complete();
    }

    private static Frame Deserialize(DeserializationContext context)
    {
        if (!FrameCodec.TryRead(context.PayloadAsReadOnlySequence(), out var header, out var payload))
            throw new RpcException(new Status(StatusCode.Internal, "A frame is not a protobuf message."));
        return new Frame { Header = header, Payload = payload.ToArray() };
    }
}
