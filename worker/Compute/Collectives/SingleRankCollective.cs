using Cluster.Compute.Devices;

namespace Cluster.Compute.Collectives;

/// <summary>The group of a stage that one rank computes alone: a sum over it is what it already is.</summary>
public sealed class SingleRankCollective : ICollective
{
    public int Rank => 0;

    public int Size => 1;

    public bool AddsExactly => true;

    public void AllReduce(DeviceBuffer buffer, int count)
    {
    }
}
