using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Benchmarks.MatMul;

/// <summary>A tensor of any number of rows that repeats sixteen rows of random normal weights.</summary>
internal sealed class RepeatingWeightReader : IWeightReader
{
    private const int Rows = 16;

    private readonly byte[] _rows;

    public RepeatingWeightReader(TensorType type, int columns)
    {
        var trait = TensorTraits.Get(type);
        var random = new Random(1);
        var values = new float[Rows * columns];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = 0.02f * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        _rows = new byte[trait.BytesFor(values.Length)];
        trait.Quantize(values, _rows);
    }

    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var from = _rows.AsSpan((int)(offset % _rows.Length));
            var count = Math.Min(from.Length, destination.Length);
            from[..count].CopyTo(destination);
            destination = destination[count..];
            offset += count;
        }
    }

    public unsafe bool TryMap(out byte* data)
    {
        data = null;
        return false;
    }
}
