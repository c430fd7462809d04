namespace Cluster.DeployTests.Tools;

internal sealed class HelmFactAttribute : FactAttribute
{
    public HelmFactAttribute() => Skip = HelmHost.WhyNot;
}
