namespace Cluster.Coordinator.Scheduling;

/// <summary>Somebody among whom the cluster is shared fairly.</summary>
/// <param name="Name">Tells them apart.</param>
/// <param name="Priority">How much they get beside others.</param>
internal readonly record struct Tenant(string Name, Priority Priority)
{
    /// <summary>All who need no name.</summary>
    public static readonly Tenant Anyone = new("", Priority.Normal);
}
