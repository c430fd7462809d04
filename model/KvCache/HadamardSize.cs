namespace Cluster.Model.KvCache;

/// <summary>
/// How heads are rotated before they are quantized: each run of so many elements by the orthonormal Hadamard matrix, which spreads
/// outliers over the run (as QuaRot, Ashkboos et al. 2024, does). Queries and keys rotated alike keep their products, and the matrix
/// is its own inverse, so attention is unchanged but for rounding.
/// </summary>
public static class HadamardSize
{
    /// <summary>Below a quantization block's length there is nothing to spread over.</summary>
    private const int Smallest = 32;

    /// <summary>The largest power of two, 32 or more, that divides the head dimension; 0 where there is none.</summary>
    public static int For(int headDim)
    {
        var largest = headDim & -headDim;
        return largest >= Smallest ? largest : 0;
    }
}
