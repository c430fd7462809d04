using Cluster.Compute.Collectives;
using Cluster.Compute.Devices;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Collectives.Wire;

namespace Cluster.Worker.Collectives;

/// <summary>Hidden states between a rank and its peers in the neighbouring stages, in frames of <see cref="PeerMesh.FrameValues"/> at most.</summary>
internal sealed class MeshStageLink : IStageLink
{
    private const int FrameValues = PeerMesh.FrameValues;

    private readonly PeerMesh _mesh;
    private readonly IWireFormat _wire;
    private readonly int _previous;
    private readonly int _next;
    private readonly byte[] _encoded;
    private uint _received;
    private uint _sent;

    /// <param name="mesh">This rank's links.</param>
    /// <param name="wire">How values travel.</param>
    /// <param name="previous">The rank that sends to this one; -1 in the first stage.</param>
    /// <param name="next">The rank that this one sends to; -1 in the last stage.</param>
    public MeshStageLink(PeerMesh mesh, IWireFormat wire, int previous, int next)
    {
        _mesh = mesh;
        _wire = wire;
        _previous = previous;
        _next = next;
        _encoded = next < 0 ? [] : GC.AllocateUninitializedArray<byte>(wire.EncodedLength(FrameValues));
    }

    public void BeginStep() => _received = _sent = 0;

    public void Receive(DeviceBuffer buffer, int count)
    {
        var operation = _received++;
        var values = buffer.OverwriteHost(count);
        for (var at = 0; at < count; at += FrameValues)
        {
            var part = values.Slice(at, Math.Min(FrameValues, count - at));
            _wire.Decode(_mesh.Receive(_previous, operation, FrameKind.HiddenStates, _wire.EncodedLength(part.Length)), part);
            _mesh.Release(_previous);
        }

        buffer.WriteHost(count);
    }

    public void Send(DeviceBuffer buffer, int count)
    {
        var operation = _sent++;
        ReadOnlySpan<float> values = buffer.ReadHost(count);
        for (var at = 0; at < count; at += FrameValues)
        {
            var part = values.Slice(at, Math.Min(FrameValues, count - at));
            var encoded = _encoded.AsMemory(0, _wire.EncodedLength(part.Length));
            _wire.Encode(part, encoded.Span);
            _mesh.Send(_next, operation, FrameKind.HiddenStates, encoded);
        }
    }
}
