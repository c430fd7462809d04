using Cluster.Worker.Collectives.Wire;

namespace Cluster.Worker.Collectives;

/// <summary>
/// How a part of a buffer is shared out among ranks: near-equal slices whose bounds, but for the last, are multiples of the wire's
/// block. A slice may be empty.
/// </summary>
/// <param name="start">First value of the part, a multiple of the block.</param>
/// <param name="count">Values of the whole buffer.</param>
/// <param name="partValues">Values of a whole part.</param>
/// <param name="ranks">Slices.</param>
internal readonly struct Slicing(int start, int count, int partValues, int ranks)
{
    private readonly int _length = Math.Min(partValues, count - start);

    /// <summary>The slice of <paramref name="rank"/>.</summary>
    public Range this[int rank] => Bound(rank)..Bound(rank + 1);

    private int Bound(int rank)
    {
        var blocks = (_length + IWireFormat.BlockSize - 1) / IWireFormat.BlockSize;
        return start + Math.Min(_length, (int)((long)blocks * rank / ranks) * IWireFormat.BlockSize);
    }
}
