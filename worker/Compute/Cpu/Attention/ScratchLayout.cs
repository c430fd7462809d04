namespace Cluster.Compute.Cpu.Attention;

/// <summary>Places parts of a scratch block on cache-line boundaries.</summary>
internal struct ScratchLayout
{
    private const int LineFloats = 16;

    /// <summary>Size so far, in f32 elements.</summary>
    public long Floats { get; private set; }

    /// <summary>Where the next part of <paramref name="floats"/> elements begins.</summary>
    public long Add(int floats)
    {
        var start = Floats;
        Floats += (floats + LineFloats - 1) / LineFloats * LineFloats;
        return start;
    }
}
