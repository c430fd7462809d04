using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Collectives.Wire;

namespace Cluster.Worker.Collectives;

/// <summary>
/// All-reduce over the links of a stage. A small partial, and any in a group of two, goes whole to everyone: one hop. A large one is
/// reduce-scattered (each rank sums its slice) and all-gathered. Either way every partial counts in its wire form, one's own too, and
/// is added in rank order, so that all ranks end with the same bits.
/// </summary>
/// <remarks>
/// Large buffers travel in parts, and the next part is sent before the present one is awaited. At most four frames of a peer are
/// outstanding that way, fewer than an <see cref="InboundLink"/> holds: two ranks that both send never wait for each other.
/// </remarks>
internal sealed class MeshCollective : ICollective
{
    /// <summary>Values of a partial up to which one hop is taken in groups larger than two: 64 KiB as f32.</summary>
    public const int OneHopValues = 16 * 1024;

    /// <summary>Values a frame.</summary>
    private const int FrameValues = PeerMesh.FrameValues;

    /// <summary>Values summed at a time, so that the sum stays in the first-level cache.</summary>
    private const int SumValues = 2048;

    private readonly PeerMesh _mesh;
    private readonly IWireFormat _wire;
    private readonly int _firstRank;
    private readonly float[] _sum = new float[SumValues];

    /// <summary>Own partials: the present part's and the next one's, which is sent before the present one is summed.</summary>
    private readonly byte[][] _own = new byte[2][];

    private readonly byte[] _outgoing;
    private uint _operation;

    /// <param name="mesh">This rank's links.</param>
    /// <param name="wire">How partials travel.</param>
    /// <param name="firstRank">Rank in the plan of this stage's first tensor rank.</param>
    /// <param name="rank">This tensor rank.</param>
    /// <param name="size">Tensor ranks of the stage.</param>
    public MeshCollective(PeerMesh mesh, IWireFormat wire, int firstRank, int rank, int size)
    {
        _mesh = mesh;
        _wire = wire;
        _firstRank = firstRank;
        Rank = rank;
        Size = size;
        for (var i = 0; i < _own.Length; i++) _own[i] = GC.AllocateUninitializedArray<byte>(wire.EncodedLength(FrameValues));
        _outgoing = GC.AllocateUninitializedArray<byte>(wire.EncodedLength(FrameValues));
    }

    public int Rank { get; }

    public int Size { get; }

    public bool AddsExactly => _wire.IsExact;

    public void BeginStep() => _operation = 0;

    public void AllReduce(DeviceBuffer buffer, int count)
    {
        if (Size == 2 || count <= OneHopValues) AllReduceInOneHop(buffer, count);
        else AllReduceInSlices(buffer, count);
    }

    /// <summary>Everyone sends everything to everyone.</summary>
    internal void AllReduceInOneHop(DeviceBuffer buffer, int count)
    {
        var operation = _operation++;
        var values = buffer.ReadHost(count);
        var parts = (count + FrameValues - 1) / FrameValues;
        for (var part = 0; part <= parts; part++)
        {
            if (part < parts) Broadcast(operation, FrameKind.Partial, PartOf(values, part), _own[part & 1]);
            if (part > 0) Reduce(operation, FrameKind.Partial, PartOf(values, part - 1), _own[(part - 1) & 1]);
        }

        buffer.WriteHost(count);
    }

    /// <summary>Each rank sums a slice of everyone's partials, then everyone gets the sums.</summary>
    internal void AllReduceInSlices(DeviceBuffer buffer, int count)
    {
        var operation = _operation++;
        var values = buffer.ReadHost(count);
        var partValues = FrameValues * Size;
        var parts = (count + partValues - 1) / partValues;

        // In each round: scatter part r, reduce and share out part r - 1, gather part r - 2. All ranks send and expect in this order.
        for (var round = 0; round < parts + 2; round++)
        {
            if (round < parts) Scatter(operation, values, new Slicing(round * partValues, count, partValues, Size), _own[round & 1]);
            if (round >= 1 && round <= parts)
            {
                var slice = new Slicing((round - 1) * partValues, count, partValues, Size)[Rank];
                Reduce(operation, FrameKind.ReduceScatter, values[slice], _own[(round - 1) & 1]);
                Broadcast(operation, FrameKind.AllGather, values[slice], _outgoing);
                // One's own sum counts in its wire form as well.
                _wire.Decode(_outgoing, values[slice]);
            }

            if (round >= 2) Gather(operation, values, new Slicing((round - 2) * partValues, count, partValues, Size));
        }

        buffer.WriteHost(count);
    }

    private static Span<float> PartOf(Span<float> values, int part) =>
        values.Slice(part * FrameValues, Math.Min(FrameValues, values.Length - part * FrameValues));

    private void Broadcast(uint operation, FrameKind kind, ReadOnlySpan<float> values, byte[] storage)
    {
        var encoded = storage.AsMemory(0, _wire.EncodedLength(values.Length));
        _wire.Encode(values, encoded.Span);
        for (var rank = 0; rank < Size; rank++)
        {
            if (rank != Rank) _mesh.Send(_firstRank + rank, operation, kind, encoded);
        }
    }

    private void Scatter(uint operation, ReadOnlySpan<float> values, Slicing slicing, byte[] own)
    {
        for (var rank = 0; rank < Size; rank++)
        {
            var slice = values[slicing[rank]];
            var storage = rank == Rank ? own : _outgoing;
            var encoded = storage.AsMemory(0, _wire.EncodedLength(slice.Length));
            _wire.Encode(slice, encoded.Span);
            if (rank != Rank) _mesh.Send(_firstRank + rank, operation, FrameKind.ReduceScatter, encoded);
        }
    }

    private void Gather(uint operation, Span<float> values, Slicing slicing)
    {
        for (var rank = 0; rank < Size; rank++)
        {
            if (rank == Rank) continue;
            var slice = values[slicing[rank]];
            _wire.Decode(_mesh.Receive(_firstRank + rank, operation, FrameKind.AllGather, _wire.EncodedLength(slice.Length)), slice);
            _mesh.Release(_firstRank + rank);
        }
    }

    /// <summary>values = sum of the peers' partials and <paramref name="own"/>, in rank order.</summary>
    private void Reduce(uint operation, FrameKind kind, Span<float> values, byte[] own)
    {
        // All must be there before the first is added: the sum runs over a few values of every rank at a time.
        var length = _wire.EncodedLength(values.Length);
        for (var rank = 0; rank < Size; rank++)
        {
            if (rank != Rank) _mesh.Receive(_firstRank + rank, operation, kind, length);
        }

        for (var at = 0; at < values.Length; at += SumValues)
        {
            var sum = _sum.AsSpan(0, Math.Min(SumValues, values.Length - at));
            var from = _wire.EncodedLength(at);
            var bytes = _wire.EncodedLength(sum.Length);
            for (var rank = 0; rank < Size; rank++)
            {
                var partial = rank == Rank ? own : _mesh.Received(_firstRank + rank);
                if (rank == 0) _wire.Decode(partial.Slice(from, bytes), sum);
                else _wire.Accumulate(partial.Slice(from, bytes), sum);
            }

            sum.CopyTo(values[at..]);
        }

        for (var rank = 0; rank < Size; rank++)
        {
            if (rank != Rank) _mesh.Release(_firstRank + rank);
        }
    }
}
