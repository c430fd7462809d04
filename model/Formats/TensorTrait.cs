namespace Cluster.Model.Formats;

/// <summary>
/// What the rest of the program needs to know about one tensor type: its block layout and its scalar reference codec.
/// Layouts are those of the GGUF format (little-endian, blocks packed without padding).
/// </summary>
public sealed class TensorTrait
{
    private const int Chunk = 256; // every block size divides it

    private readonly BlockCodec _codec;

    internal TensorTrait(TensorType type, BlockCodec codec)
    {
        Type = type;
        Name = type.ToString();
        _codec = codec;
        BlockSize = codec.BlockSize;
        BlockBytes = codec.BlockBytes;
    }

    public TensorType Type { get; }

    /// <summary>The name as GGUF writes it, such as "Q4_K".</summary>
    public string Name { get; }

    /// <summary>Elements of one block; 1 for plain floating-point types.</summary>
    public int BlockSize { get; }

    /// <summary>Bytes of one block.</summary>
    public int BlockBytes { get; }

    /// <summary>Whether a block holds several elements behind shared scales.</summary>
    public bool IsQuantized => BlockSize > 1;

    /// <summary>Bytes of <paramref name="elements"/> elements.</summary>
    /// <exception cref="ArgumentException">The count is negative or not a multiple of <see cref="BlockSize"/>.</exception>
    /// <exception cref="OverflowException">The result exceeds <see cref="long.MaxValue"/>.</exception>
    public long BytesFor(long elements)
    {
        if (elements < 0 || elements % BlockSize != 0)
            throw new ArgumentException($"{elements} elements are not a whole number of {Name} blocks of {BlockSize}", nameof(elements));
        return checked(elements / BlockSize * BlockBytes);
    }

    /// <summary>Decodes <c>destination.Length</c> elements from exactly <see cref="BytesFor"/> of that many bytes.</summary>
    public void Dequantize(ReadOnlySpan<byte> source, Span<float> destination)
    {
        Check(source.Length, destination.Length);
        _codec.Dequantize(source, destination);
    }

    /// <summary>Encodes <c>source.Length</c> elements into exactly <see cref="BytesFor"/> of that many bytes.</summary>
    public void Quantize(ReadOnlySpan<float> source, Span<byte> destination)
    {
        Check(destination.Length, source.Length);
        _codec.Quantize(source, destination);
    }

    /// <summary>
    /// Scalar reference of a dot product: decoded weights times f32 activations, accumulated in f64.
    /// </summary>
    public float Dot(ReadOnlySpan<byte> weights, ReadOnlySpan<float> activations)
    {
        Check(weights.Length, activations.Length);
        Span<float> decoded = stackalloc float[Chunk];
        double sum = 0;
        for (int start = 0; start < activations.Length; start += Chunk)
        {
            int count = Math.Min(Chunk, activations.Length - start);
            int firstByte = start / BlockSize * BlockBytes;
            int byteCount = count / BlockSize * BlockBytes;
            _codec.Dequantize(weights.Slice(firstByte, byteCount), decoded[..count]);
            for (int i = 0; i < count; i++)
                sum += (double)decoded[i] * activations[start + i];
        }
        return (float)sum;
    }

    public override string ToString() => Name;

    private void Check(int bytes, int elements)
    {
        if (BytesFor(elements) != bytes)
            throw new ArgumentException($"{elements} {Name} elements are {BytesFor(elements)} bytes, not {bytes}");
    }
}
