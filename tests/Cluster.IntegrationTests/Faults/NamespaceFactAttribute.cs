using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.IntegrationTests.Faults;

/// <summary>A fact that needs a network namespace; skipped, with the reason, where none can be made.</summary>
internal sealed class NamespaceFactAttribute : FactAttribute
{
    public NamespaceFactAttribute() => Skip = TestNetwork.Problem;
}
