using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Limits;

/// <summary><see cref="IntegerPeak"/> in the operations of the panel kernels.</summary>
internal sealed unsafe class PanelIntegerPeak<TIsa, TVector>(ThreadTeam team) : IntegerPeak(team)
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    /// <summary>Sixteen rows of four columns.</summary>
    private const int ProductsPerStep = 64;

    /// <summary>Products of 15 and 127, two to a 16-bit lane: eight steps are what such a lane holds.</summary>
    private const int Steps = 8;

    private const int Accumulators = 4;
    private const int ActivationBytes = 2048;

    private long _sum;

    public override void Execute(int thread, int threads)
    {
        const long Rounds = MultiplyAddsPerThread / (Accumulators * Steps * ProductsPerStep);
        var memory = stackalloc byte[ActivationBytes + Accumulators * ProductsPerStep];
        var random = new Random(thread);
        for (var i = 0; i < ActivationBytes; i++) memory[i] = (byte)random.Next(-127, 128);
        for (var i = ActivationBytes; i < ActivationBytes + Accumulators * ProductsPerStep; i++) memory[i] = (byte)random.Next(0, 16);
        Interlocked.Add(ref _sum, Multiply(memory, memory + ActivationBytes, Rounds));
    }

    /// <summary>Two vectors of levels times two rows of activations, as a kernel's tile: other activations each time, that nothing is hoisted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Multiply(byte* activations, byte* levels, long rounds)
    {
        var (low, high) = (TIsa.Load(levels, 0), TIsa.Load(levels, ProductsPerStep));
        var (s0, s1, s2, s3) = (TIsa.Zero, TIsa.Zero, TIsa.Zero, TIsa.Zero);
        for (long round = 0; round < rounds; round++)
        {
            var x = activations + (round & 15) * 2 * Steps * 4;
            var (a0, a1) = (TIsa.MultiplyLevels(low, x, 0), TIsa.MultiplyLevels(high, x, 0));
            var (a2, a3) = (TIsa.MultiplyLevels(low, x, 4), TIsa.MultiplyLevels(high, x, 4));
            for (var step = 1; step < Steps; step++)
            {
                x += 8;
                a0 = TIsa.MultiplyAddLevels(a0, low, x, 0);
                a1 = TIsa.MultiplyAddLevels(a1, high, x, 0);
                a2 = TIsa.MultiplyAddLevels(a2, low, x, 4);
                a3 = TIsa.MultiplyAddLevels(a3, high, x, 4);
            }

            s0 = TIsa.Add(s0, TIsa.SumLevels(a0));
            s1 = TIsa.Add(s1, TIsa.SumLevels(a1));
            s2 = TIsa.Add(s2, TIsa.SumLevels(a2));
            s3 = TIsa.Add(s3, TIsa.SumLevels(a3));
        }

        var lanes = stackalloc int[16];
        TIsa.Store((byte*)lanes, 0, TIsa.Add(TIsa.Add(s0, s1), TIsa.Add(s2, s3)));
        var sum = 0;
        for (var i = 0; i < 16; i++) sum += lanes[i];
        return sum;
    }
}
