using System.Numerics;

namespace Cluster.Model.Sampling;

/// <summary>
/// Standard Gumbel noise that depends on nothing but seed, position and token id. Adding it to logit / temperature and taking the
/// largest draws a token from the softmax (the Gumbel-max trick), so ranks that know only a part of the vocabulary draw together what one
/// would draw that knows all of it.
/// </summary>
/// <remarks>
/// Every device must compute the same values. All arithmetic is unsigned 64-bit and wraps; <c>mix</c> is SplitMix64's finalizer (Steele,
/// Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), γ its increment 0x9E3779B97F4A7C15:
/// <code>
/// stream = mix(mix(seed) + (position + 1) · γ)        once for each row
/// bits   = mix(stream + (id + 1) · γ)
/// u      = ((bits >> 12) + 0.5) · 2^-52               f64; exact, and in [2^-53, 1 - 2^-53]
/// noise  = -ln(-ln u)                                 f64, then rounded to f32; in [-3.61, 36.74]
/// score  = logit / temperature + noise                f32: a rounded division, a rounded addition, no fused operation
/// </code>
/// The highest score wins, the lowest id among equals.
/// </remarks>
public static class GumbelNoise
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    /// <summary>The noise of one token.</summary>
    /// <param name="seed">The request's seed.</param>
    /// <param name="position">Position of the token that is being chosen.</param>
    /// <param name="tokenId">Id in the whole vocabulary.</param>
    public static float Sample(ulong seed, int position, int tokenId) => FromBits(Bits(Stream(seed, position), tokenId));

    /// <summary>What all tokens of one row have in common.</summary>
    public static ulong Stream(ulong seed, int position) => Mix(Mix(seed) + ((ulong)position + 1) * Gamma);

    /// <summary>The random bits of a token; cheap, unlike the noise itself.</summary>
    public static ulong Bits(ulong stream, int tokenId) => Mix(stream + ((ulong)tokenId + 1) * Gamma);

    public static float FromBits(ulong bits)
    {
        double uniform = ((bits >> 12) + 0.5) * (1.0 / (1L << 52));
        return (float)-Math.Log(-Math.Log(uniform));
    }

    /// <summary>
    /// At least the noise of these bits, without a logarithm: most tokens of a row cannot win and need not be looked at more closely.
    /// </summary>
    public static float UpperBound(ulong bits)
    {
        // -ln u >= 1 - u, so noise <= -ln(1 - u); with k leading ones 1 - u >= 2^-(k+1). The factor is ln 2, a little more.
        int leadingOnes = Math.Min(BitOperations.LeadingZeroCount(~bits), 52);
        return (leadingOnes + 1) * 0.6932f;
    }

    /// <summary>What candidates are ordered by.</summary>
    public static float Score(float logit, float temperature, float noise) => logit / temperature + noise;

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
