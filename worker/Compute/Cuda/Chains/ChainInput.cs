namespace Cluster.Compute.Cuda.Chains;

/// <summary>What the input of a product is: INPUT_… in chain.cuh.</summary>
internal enum ChainInput
{
    /// <summary>Rows that are quantized already.</summary>
    Codes = 0,

    /// <summary>f32 rows.</summary>
    Rows = 1,

    /// <summary>f32 rows to be normalized.</summary>
    Normed = 2,
}
