using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// Hash of short byte strings. Vocabularies may be hostile: a multiplier that is new in every process keeps them from choosing
/// texts that collide.
/// </summary>
internal static class ByteHash
{
    private static readonly ulong s_multiplier = (ulong)Random.Shared.NextInt64() << 1 | 1;

    /// <param name="text">What to hash.</param>
    /// <param name="salt">Sets equal texts apart.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Compute(ReadOnlySpan<byte> text, int salt = 0)
    {
        ulong hash = ((ulong)(uint)salt << 32) | (uint)text.Length;
        while (text.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(text));
            text = text[sizeof(ulong)..];
        }
        ulong tail = 0;
        for (int i = 0; i < text.Length; i++)
            tail |= (ulong)text[i] << (8 * i);
        return (uint)(Mix(hash ^ tail) >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value ^ 0x9E3779B97F4A7C15, s_multiplier, out ulong low);
        return high ^ low;
    }
}
