using Cluster.Model.Formats;

namespace Cluster.Model.Synthesis;

/// <summary>
/// Random normal values of one type and deviation, quantized once: a tensor or a cache is filled by drawing whole units at random, which
/// costs little more than copying.
/// </summary>
public sealed class RandomBlocks
{
    private const int PoolElements = 1 << 17; // quantized once for each deviation: a fraction of a second even for K-quants
    private const int MinimumUnit = 64; // elements; small types draw several blocks at once

    private readonly byte[] _bytes;
    private readonly int _unitBytes;
    private readonly int _units; // a power of two

    public RandomBlocks(TensorTrait trait, float deviation, SynthRandom random)
    {
        int unit = Math.Max(trait.BlockSize, MinimumUnit);
        _units = PoolElements / unit;
        var values = new float[PoolElements];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextNormal(deviation);
        _unitBytes = (int)trait.BytesFor(unit);
        _bytes = new byte[_unitBytes * _units];
        trait.Quantize(values, _bytes);
    }

    /// <summary>Fills with random units; the last may be cut short, at a block's end when the length is whole blocks.</summary>
    public void Fill(Span<byte> destination, SynthRandom random)
    {
        while (!destination.IsEmpty)
        {
            int unit = (int)(random.Next() & ((ulong)_units - 1));
            int count = Math.Min(_unitBytes, destination.Length);
            _bytes.AsSpan(unit * _unitBytes, count).CopyTo(destination);
            destination = destination[count..];
        }
    }

    /// <summary>The largest multiple of a unit within this many bytes.</summary>
    public int WholeUnits(int bytes) => bytes / _unitBytes * _unitBytes;
}
