using System.Runtime.InteropServices;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;

namespace Cluster.Worker.Collectives;

/// <summary>
/// Agrees with the other tensor ranks of a plan of one stage on the tokens that the last step chose: each tells the others what its best is worth,
/// before the collectives of a step that goes ahead of them.
/// </summary>
internal sealed class MeshChoices(PeerMesh mesh, int rank, int size)
{
    /// <summary>Keys of a frame: links take as many bytes as values.</summary>
    private const int FrameKeys = PeerMesh.FrameValues / sizeof(ulong);

    private readonly byte[] _own = new byte[FrameKeys * sizeof(ulong)];

    /// <summary>Replaces each key by the greatest that a rank has. All ranks have as many.</summary>
    public void TakeBest(Span<ulong> keys)
    {
        for (uint operation = 0; !keys.IsEmpty; operation++)
        {
            var part = keys[..Math.Min(FrameKeys, keys.Length)];
            TakeBest(part, operation);
            keys = keys[part.Length..];
        }
    }

    private void TakeBest(Span<ulong> keys, uint operation)
    {
        var bytes = keys.Length * sizeof(ulong);
        MemoryMarshal.AsBytes(keys).CopyTo(_own);
        for (var peer = 0; peer < size; peer++)
        {
            if (peer != rank) mesh.Send(peer, operation, FrameKind.Choices, _own.AsMemory(0, bytes));
        }

        for (var peer = 0; peer < size; peer++)
        {
            if (peer == rank) continue;
            var others = MemoryMarshal.Cast<byte, ulong>(mesh.Receive(peer, operation, FrameKind.Choices, bytes));
            for (var i = 0; i < keys.Length; i++) keys[i] = Math.Max(keys[i], others[i]);
            mesh.Release(peer);
        }
    }
}
