namespace Cluster.Compute.Tests.Cuda;

/// <summary>A theory about what a <see cref="CudaPairFactAttribute"/> is about.</summary>
internal sealed class CudaPairTheoryAttribute : TheoryAttribute
{
    public CudaPairTheoryAttribute() => Skip = CudaPairFactAttribute.Find();
}
