using System.Runtime.InteropServices;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Matrices.Activations;

/// <summary>Quantizes the rows of several tokens to records of four tokens each; tokens that the last one lacks are zero.</summary>
internal sealed unsafe class QuantizeTask : TeamTask
{
    private float* _input;
    private byte* _records;
    private int _tokens;
    private int _columns;
    private int _next;

    /// <summary>Bytes of the records of <paramref name="tokens"/> tokens in tiles.</summary>
    public static long RecordBytes(int tokens, int columns)
    {
        const int Lanes = ActivationRecord.TileTokens;
        return (tokens + Lanes - 1) / Lanes * Lanes * ActivationRecord.TokenBytes(columns);
    }

    public void Prepare(float* input, int tokens, int columns, byte* records)
    {
        _input = input;
        _tokens = tokens;
        _columns = columns;
        _records = records;
        _next = 0;
    }

    public override void Execute(int thread, int threads)
    {
        const int Lanes = ActivationRecord.TileTokens;
        var tileBytes = RecordBytes(Lanes, _columns);
        while (true)
        {
            var tile = Interlocked.Increment(ref _next) - 1;
            var first = tile * Lanes;
            if (first >= _tokens) return;
            var records = _records + tile * tileBytes;
            var count = Math.Min(Lanes, _tokens - first);
            if (count < Lanes) NativeMemory.Clear(records, (nuint)tileBytes);
            for (var lane = 0; lane < count; lane++)
            {
                ActivationQuantizer.Quantize(_input + (long)(first + lane) * _columns, _columns, records, lane, Lanes);
            }
        }
    }
}
