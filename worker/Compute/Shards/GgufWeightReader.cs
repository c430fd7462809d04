using Cluster.Compute.Devices;
using Cluster.Model.Gguf;

namespace Cluster.Compute.Shards;

/// <summary>The bytes of one tensor of an open model file.</summary>
internal sealed class GgufWeightReader(GgufFile file, GgufTensor tensor) : IWeightReader
{
    public void Read(long offset, Span<byte> destination) => file.Read(tensor, offset, destination);

    public unsafe bool TryMap(out byte* data)
    {
        data = file.Pointer(tensor);
        return true;
    }
}
