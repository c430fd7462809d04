namespace Cluster.Compute.Steps;

/// <summary>
/// A token's score and id in one integer that orders as candidates do: the higher score first, the lower id among equals, so the
/// greatest key is the best candidate.
/// </summary>
public static class CandidateKey
{
    public static ulong Of(float score, int id)
    {
        // The bits of floats order like integers of sign and magnitude; + 0 makes the two zeros equal.
        var bits = BitConverter.SingleToInt32Bits(score + 0f);
        var ordered = (uint)(bits ^ ((bits >> 31) & int.MaxValue)) ^ 0x80000000u;
        return ((ulong)ordered << 32) | ~(uint)id;
    }

    public static int Id(ulong key) => (int)~(uint)key;

    public static float Score(ulong key)
    {
        var ordered = (int)((uint)(key >> 32) ^ 0x80000000u);
        return BitConverter.Int32BitsToSingle(ordered ^ ((ordered >> 31) & int.MaxValue));
    }
}
