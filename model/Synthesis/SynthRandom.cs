namespace Cluster.Model.Synthesis;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same on every platform, so that a seed means one file.
/// </summary>
public sealed class SynthRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Near-normal with the given deviation: a sum of four uniforms, which needs no platform's logarithm.</summary>
    public float NextNormal(float deviation)
    {
        ulong bits = Next();
        int sum = 0;
        for (int i = 0; i < 4; i++)
            sum += (int)((bits >> (16 * i)) & 0xFFFF);
        float centred = (sum - 2 * 65535f) / 65536; // variance 4 / 12
        return centred * 1.7320508f * deviation;
    }
}
