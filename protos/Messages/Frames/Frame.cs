namespace Cluster.Protos.Frames;

/// <summary>
/// What an Exchange stream carries, seen from either end: a sender sets the header and points at the encoded payload; a receiver's own
/// deserializer copies the payload elsewhere. One object serves a stream for its whole life.
/// </summary>
public sealed class Frame
{
    public FrameHeader Header { get; set; }

    /// <summary>Where the payload lies; it must stay as it is until the frame has been serialized.</summary>
    public ReadOnlyMemory<byte> Payload { get; set; }
}
