using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Limits;

/// <summary>Reads a large buffer with every thread of a team, each its own part, and does nothing with it but a sum.</summary>
internal sealed unsafe class ReadBandwidth : TeamTask, IDisposable
{
    /// <summary>The buffer at least, as far as memory is free: many times the last cache of ordinary machines.</summary>
    private const long SmallestBuffer = 256L << 20;

    /// <summary>Processors of many cores have up to 32 MiB of last cache for each.</summary>
    private const long BufferPerThread = 64L << 20;

    private readonly ThreadTeam _team;
    private readonly AlignedMemory _buffer;
    private long _sum;

    public ReadBandwidth(ThreadTeam team)
    {
        _team = team;
        _buffer = new AlignedMemory(Math.Min(Math.Max(SmallestBuffer, BufferPerThread * team.ThreadCount), FreeMemory.Bytes() / 2));

        // Pages that nothing was written to are all the same zeros.
        for (long start = 0; start < _buffer.Bytes; start += SmallestBuffer)
            new Span<byte>(_buffer.Pointer + start, (int)Math.Min(SmallestBuffer, _buffer.Bytes - start)).Fill(1);
    }

    /// <summary>Bytes a second of one pass.</summary>
    public double Measure()
    {
        var began = Stopwatch.GetTimestamp();
        _team.Run(this);
        return _buffer.Bytes / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public override void Execute(int thread, int threads)
    {
        var part = _buffer.Bytes / threads & -256;
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
