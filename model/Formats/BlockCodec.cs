namespace Cluster.Model.Formats;

/// <summary>
/// Binary layout of one tensor type: a row is a whole number of blocks, each of <see cref="BlockSize"/> elements in
/// <see cref="BlockBytes"/> bytes, without padding. Codecs are the scalar references that every device is tested against.
/// </summary>
internal abstract class BlockCodec
{
    /// <summary>Elements of one block. Divides 256 for every codec.</summary>
    public abstract int BlockSize { get; }

    /// <summary>Bytes of one block.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>Decodes whole blocks; the caller has checked that both lengths agree.</summary>
    public virtual void Dequantize(ReadOnlySpan<byte> source, Span<float> destination)
    {
        int blocks = destination.Length / BlockSize;
        for (int b = 0; b < blocks; b++)
            DequantizeBlock(source.Slice(b * BlockBytes, BlockBytes), destination.Slice(b * BlockSize, BlockSize));
    }

    /// <summary>Encodes whole blocks; the caller has checked that both lengths agree.</summary>
    public virtual void Quantize(ReadOnlySpan<float> source, Span<byte> destination)
    {
        int blocks = source.Length / BlockSize;
        for (int b = 0; b < blocks; b++)
            QuantizeBlock(source.Slice(b * BlockSize, BlockSize), destination.Slice(b * BlockBytes, BlockBytes));
    }

    protected abstract void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> values);

    protected abstract void QuantizeBlock(ReadOnlySpan<float> values, Span<byte> block);
}
