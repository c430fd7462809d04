namespace Cluster.Coordinator.Api.Keys;

/// <summary>Marks what may be asked for without a key.</summary>
internal sealed class OpenAccess
{
    public static readonly OpenAccess Mark = new();

    private OpenAccess()
    {
    }
}
