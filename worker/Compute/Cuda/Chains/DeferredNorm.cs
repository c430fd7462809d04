using Cluster.Compute.Cuda.Memory;

namespace Cluster.Compute.Cuda.Chains;

/// <summary>A norm that waits for the product that will most likely follow, to be done by it.</summary>
/// <param name="Input">Rows as wide as the gain.</param>
/// <param name="Gain">Factors of columns.</param>
/// <param name="Epsilon">Added to the mean of squares.</param>
/// <param name="Tokens">How many rows.</param>
/// <param name="Output">Where the normalized rows go.</param>
internal readonly record struct DeferredNorm(CudaBuffer Input, CudaBuffer Gain, float Epsilon, int Tokens, CudaBuffer Output);
