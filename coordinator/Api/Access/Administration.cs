namespace Cluster.Coordinator.Api.Access;

/// <summary>Marks what changes the cluster.</summary>
internal sealed class Administration
{
    public static readonly Administration Mark = new();

    private Administration()
    {
    }
}
