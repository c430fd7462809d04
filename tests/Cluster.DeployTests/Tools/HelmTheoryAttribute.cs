namespace Cluster.DeployTests.Tools;

internal sealed class HelmTheoryAttribute : TheoryAttribute
{
    public HelmTheoryAttribute() => Skip = HelmHost.WhyNot;
}
