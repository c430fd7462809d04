namespace Cluster.Compute.Tests.OpenCl;

/// <summary>A fact about an OpenCL device; skipped, and said so, where there is none.</summary>
internal sealed class OpenClFactAttribute : FactAttribute
{
    public OpenClFactAttribute() => Skip = OpenClTestDevice.Unavailable;
}
