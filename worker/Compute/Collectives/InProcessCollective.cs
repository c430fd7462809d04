using Cluster.Compute.Devices;

namespace Cluster.Compute.Collectives;

/// <summary>One rank of an <see cref="InProcessGroup"/>. Partials are shared as f32, added in rank order.</summary>
internal sealed class InProcessCollective(InProcessGroup group, int rank) : ICollective
{
    public int Rank => rank;

    public int Size => group.Partials.Length;

    public bool AddsExactly => true;

    public void AllReduce(DeviceBuffer buffer, int count)
    {
        ref var mine = ref group.Partials[rank];
        if (mine.Length < count) mine = new float[count];
        buffer.ReadHost(count).CopyTo(mine);
        group.Wait();
        var sum = buffer.OverwriteHost(count);
        group.Partials[0].AsSpan(0, count).CopyTo(sum);
        for (var other = 1; other < Size; other++)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(sum, group.Partials[other].AsSpan(0, count), sum);
        }

        buffer.WriteHost(count);
        group.Wait();
    }
}
