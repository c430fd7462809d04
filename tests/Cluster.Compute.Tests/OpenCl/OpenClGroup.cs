namespace Cluster.Compute.Tests.OpenCl;

/// <summary>Tests on the OpenCL device, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class OpenClGroup : ICollectionFixture<OpenClTestDevice>
{
    public const string Name = "opencl";
}
