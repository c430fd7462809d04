namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>What undoes the powers of two that activations, and f16 loaded in the cheap way, come with.</summary>
internal static class ResultFactors
{
    /// <summary>For scales loaded as they are: 2^-80.</summary>
    public const float Exact = 8.271806125530277e-25f;

    /// <summary>For scales loaded times 2^-112: 2^32.</summary>
    public const float Scaled = 4294967296f;

    /// <summary>For the scaled values themselves: 2^112.</summary>
    public const float HalfScaled = 5192296858534827628530496329220096f;
}
