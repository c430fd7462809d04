using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Benchmarks.MatMul;

/// <summary>Reads a large buffer with every thread of a team, each its own part, and does nothing with it but a sum.</summary>
internal sealed unsafe class ReadBandwidth : TeamTask, IDisposable
{
    private const long BufferBytes = 256L << 20;

    private readonly AlignedMemory _buffer = new(BufferBytes);
    private long _sum;

    public ReadBandwidth() => new Span<byte>(_buffer.Pointer, (int)BufferBytes).Fill(1);

    /// <summary>Bytes a second of one pass.</summary>
    public double Measure(ThreadTeam team)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        team.Run(this);
        return BufferBytes / clock.Elapsed.TotalSeconds;
    }

    public override void Execute(int thread, int threads)
    {
        var part = BufferBytes / threads & -256;
        Interlocked.Add(ref _sum, Sum(_buffer.Pointer + thread * part, part));
    }

    public void Dispose() => _buffer.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Sum(byte* start, long bytes)
    {
        Vector256<long> s0, s1, s2, s3;
        s0 = s1 = s2 = s3 = Vector256<long>.Zero;
        for (long i = 0; i < bytes; i += 128)
        {
            s0 += Vector256.Load((long*)(start + i));
            s1 += Vector256.Load((long*)(start + i + 32));
            s2 += Vector256.Load((long*)(start + i + 64));
            s3 += Vector256.Load((long*)(start + i + 96));
        }

        return Vector256.Sum(s0 + s1 + s2 + s3);
    }
}
