using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Planning.Simulation;

/// <summary>Workers and links that are only written down, to plan for on paper.</summary>
internal sealed record SimulatedHosts(MembershipSnapshot Members, LinkTable Links)
{
    public const int MostHosts = 1000;

    /// <exception cref="ClusterException">The file cannot be read, or something in it is not as it has to be: one line that says where.</exception>
    public static SimulatedHosts Read(string path)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterException($"cannot read {path}: {e.Message}");
        }

        try
        {
            return SimulatedHostsReader.Read(json);
        }
        catch (FormatException e)
        {
            throw new ClusterException($"{path}: {e.Message}");
        }
    }
}
