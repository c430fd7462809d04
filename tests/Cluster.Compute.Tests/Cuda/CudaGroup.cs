namespace Cluster.Compute.Tests.Cuda;

/// <summary>Tests on the CUDA device, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class CudaGroup : ICollectionFixture<CudaTestDevice>
{
    public const string Name = "cuda";
}
