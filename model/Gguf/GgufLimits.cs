namespace Cluster.Model.Gguf;

/// <summary>
/// Bounds on what a header may declare, besides what fits into the file. They are far above what real models need and keep the
/// objects made per declaration small in sum.
/// </summary>
internal static class GgufLimits
{
    public const int MaxMetadataCount = 1 << 14;
    public const int MaxTensorCount = 1 << 14;

    /// <summary>The format document's limit for keys.</summary>
    public const int MaxKeyBytes = ushort.MaxValue;

    /// <summary>The format document says 64; real files keep to it, other writers may be laxer.</summary>
    public const int MaxTensorNameBytes = 256;

    public const int MaxDimensions = 4;

    /// <summary>Arrays within arrays; no known file nests at all.</summary>
    public const int MaxArrayDepth = 4;

    public const int DefaultAlignment = 32;

    /// <summary>A larger alignment would only waste space: no device wants more than a huge page.</summary>
    public const int MaxAlignment = 1 << 21;

    /// <summary>Metadata is kept in one managed array.</summary>
    public const int MaxMetadataBytes = 1 << 30;
}
