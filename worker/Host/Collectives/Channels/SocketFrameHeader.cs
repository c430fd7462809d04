using System.Buffers.Binary;
using Cluster.Protos.Frames;
using Cluster.Protos.V1;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>
/// What stands before each payload on a socket: 32 bytes, little-endian. At 0 a marker, 4 the payload's length, 8 the plan's version,
/// 16 the step's id, 24 the operation, 28 the kind.
/// </summary>
internal static class SocketFrameHeader
{
    public const int Size = 32;

    /// <summary>"CFRM": a stream that has lost its place is found out at the next frame.</summary>
    private const uint Marker = 0x4D524643;

    public static void Write(in FrameHeader header, int payloadLength, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Marker);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], payloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], header.PlanVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], header.StepId);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], header.Operation);
        BinaryPrimitives.WriteInt32LittleEndian(destination[28..], (int)header.Kind);
    }

    /// <summary>False for what is no header, or one of a payload above <paramref name="maxPayload"/> bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, int maxPayload, out FrameHeader header, out int payloadLength)
    {
        payloadLength = BinaryPrimitives.ReadInt32LittleEndian(source[4..]);
        header = new FrameHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[24..]),
            (FrameKind)BinaryPrimitives.ReadInt32LittleEndian(source[28..]));
        return BinaryPrimitives.ReadUInt32LittleEndian(source) == Marker
            && (uint)payloadLength <= (uint)maxPayload
            && header.Kind is >= FrameKind.Partial and <= FrameKind.Choices;
    }
}
