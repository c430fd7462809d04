using System.Buffers;
using Cluster.Protos.V1;

namespace Cluster.Protos.Frames;

/// <summary>
/// Reads and writes <see cref="ActivationFrame"/> messages without making an object of them. Writes the very bytes that the generated
/// class writes, and reads whatever a protobuf writer may send: fields in any order, repeated (the last one counts), unknown ones.
/// </summary>
public static class FrameCodec
{
    private const uint PlanVersionTag = 1 << 3 | Varint;
    private const uint StepIdTag = 2 << 3 | Varint;
    private const uint OperationTag = 3 << 3 | Varint;
    private const uint KindTag = 4 << 3 | Varint;
    private const uint PayloadTag = 5 << 3 | LengthDelimited;

    // Wire types of the protobuf encoding.
    private const uint Varint = 0;
    private const uint Fixed64 = 1;
    private const uint LengthDelimited = 2;
    private const uint Fixed32 = 5;

    private const int MaxVarint64 = 10;
    private const int MaxVarint32 = 5;

    /// <summary>The most bytes that a frame has beside its payload.</summary>
    public const int MaxOverhead = 2 * (1 + MaxVarint64) + 3 * (1 + MaxVarint32);

    /// <summary>Bytes of the whole message with <paramref name="payloadLength"/> bytes of payload.</summary>
    public static int Size(in FrameHeader header, int payloadLength)
    {
        var size = 0;
        if (header.PlanVersion != 0) size += 1 + VarintSize(header.PlanVersion);
        if (header.StepId != 0) size += 1 + VarintSize(header.StepId);
        if (header.Operation != 0) size += 1 + VarintSize(header.Operation);
        if (header.Kind != 0) size += 1 + VarintSize((ulong)header.Kind);
        if (payloadLength != 0) size += 1 + VarintSize((ulong)payloadLength) + payloadLength;
        return size;
    }

    /// <summary>Writes the message; fields with their default value are left out, as proto3 demands.</summary>
    public static void Write(in FrameHeader header, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var span = output.GetSpan(MaxOverhead);
        var at = 0;
        if (header.PlanVersion != 0) at = WriteField(span, at, PlanVersionTag, header.PlanVersion);
        if (header.StepId != 0) at = WriteField(span, at, StepIdTag, header.StepId);
        if (header.Operation != 0) at = WriteField(span, at, OperationTag, header.Operation);
        if (header.Kind != 0) at = WriteField(span, at, KindTag, (ulong)header.Kind);
        if (!payload.IsEmpty) at = WriteField(span, at, PayloadTag, (ulong)payload.Length);
        output.Advance(at);
        output.Write(payload);
    }

    /// <summary>
    /// Parses a message; <paramref name="payload"/> stays where it is in <paramref name="message"/>. False for bytes that are no
    /// protobuf message of this type.
    /// </summary>
    public static bool TryRead(in ReadOnlySequence<byte> message, out FrameHeader header, out ReadOnlySequence<byte> payload)
    {
        header = default;
        payload = ReadOnlySequence<byte>.Empty;
        ulong planVersion = 0, stepId = 0, operation = 0, kind = 0;
        var reader = new SequenceReader<byte>(message);
        while (!reader.End)
        {
            // A tag is a 32-bit value: field numbers have at most 29 bits and 0 is none.
            if (!TryReadVarint(ref reader, out var tag) || tag > uint.MaxValue || tag >> 3 == 0) return false;
            var read = (uint)tag switch
            {
                PlanVersionTag => TryReadVarint(ref reader, out planVersion),
                StepIdTag => TryReadVarint(ref reader, out stepId),
                OperationTag => TryReadVarint(ref reader, out operation),
                KindTag => TryReadVarint(ref reader, out kind),
                PayloadTag => TryReadBytes(ref reader, out payload),
                _ => TrySkip(ref reader, (uint)tag & 7),
            };
            if (!read) return false;
        }

        // Protobuf readers keep the low 32 bits of a 32-bit field.
        header = new FrameHeader(planVersion, stepId, (uint)operation, (FrameKind)(int)kind);
        return true;
    }

    private static int VarintSize(ulong value) => (63 - (int)ulong.LeadingZeroCount(value | 1)) / 7 + 1;

    private static int WriteField(Span<byte> span, int at, uint tag, ulong value)
    {
        span[at++] = (byte)tag;
        while (value >= 0x80)
        {
            span[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[at++] = (byte)value;
        return at;
    }

    private static bool TryReadVarint(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 7 * MaxVarint64; shift += 7)
        {
            if (!reader.TryRead(out var b)) return false;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return true;
        }

        return false;
    }

    private static bool TryReadBytes(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> bytes)
    {
        bytes = ReadOnlySequence<byte>.Empty;
        return TryReadVarint(ref reader, out var length) && length <= (ulong)reader.Remaining
            && reader.TryReadExact((int)length, out bytes);
    }

    private static bool TrySkip(ref SequenceReader<byte> reader, uint wireType)
    {
        switch (wireType)
        {
            case Varint: return TryReadVarint(ref reader, out _);
            case Fixed64: return reader.Remaining >= 8 && Advance(ref reader, 8);
            case LengthDelimited: return TryReadBytes(ref reader, out _);
            case Fixed32: return reader.Remaining >= 4 && Advance(ref reader, 4);
            default: return false;
        }
    }

    private static bool Advance(ref SequenceReader<byte> reader, int count)
    {
        reader.Advance(count);
        return true;
    }
}
