namespace Cluster.Worker.Collectives.Wire;

/// <summary>
/// How activations travel between ranks. Values are coded in blocks of <see cref="BlockSize"/>; a last block may be shorter. Coding is
/// a pure function of the values, the same on every processor, so that all ranks see the same bits.
/// </summary>
internal interface IWireFormat
{
    /// <summary>Where a buffer may be cut: every format's cuts fall on multiples of this, so that slices code like the whole.</summary>
    const int BlockSize = 32;

    /// <summary>As a user names it: <c>f32</c>, <c>f16</c>, <c>q8_0</c>.</summary>
    string Name { get; }

    /// <summary>Whether decoding gives back every f32 as it was.</summary>
    bool IsExact { get; }

    /// <summary>Bytes that <paramref name="count"/> values take.</summary>
    int EncodedLength(int count);

    /// <summary>
    /// Encodes <paramref name="values"/>; <paramref name="destination"/> is at least <see cref="EncodedLength"/> long. Values out of
    /// the format's range become its largest finite one.
    /// </summary>
    void Encode(ReadOnlySpan<float> values, Span<byte> destination);

    /// <summary>values = decoded; <paramref name="source"/> is <see cref="EncodedLength"/> of their number long.</summary>
    void Decode(ReadOnlySpan<byte> source, Span<float> values);

    /// <summary>values += decoded.</summary>
    void Accumulate(ReadOnlySpan<byte> source, Span<float> values);
}
