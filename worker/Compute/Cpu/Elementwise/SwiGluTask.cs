using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Elementwise;

/// <summary>silu(gate) · up, shared out in runs of a row.</summary>
internal sealed unsafe class SwiGluTask(ThreadTeam team) : TeamTask
{
    /// <summary>Elements below which waking the team costs more than it saves.</summary>
    private const long InlineElements = 4096;

    /// <summary>Columns of a share, so that one token's row is shared out too.</summary>
    private const int RunColumns = 512;

    private float* _gateUp;
    private float* _output;
    private int _width;
    private int _tokens;
    private int _outputWidth;

    /// <summary><paramref name="output"/> is where element 0 of row 0 goes.</summary>
    public void Run(float* gateUp, int width, int tokens, float* output, int outputWidth)
    {
        _gateUp = gateUp;
        _width = width;
        _tokens = tokens;
        _output = output;
        _outputWidth = outputWidth;
        if ((long)width * tokens <= InlineElements) Execute(0, 1);
        else team.Run(this);
    }

    public override void Execute(int thread, int threads)
    {
        var runs = (_width + RunColumns - 1) / RunColumns;
        var (start, end) = TeamShare.Of(_tokens * runs, thread, threads);
        for (var run = start; run < end; run++)
        {
            var row = run / runs;
            var column = run % runs * RunColumns;
            var gate = _gateUp + (long)row * 2 * _width + column;
            Multiply(gate, gate + _width, _output + (long)row * _outputWidth + column, Math.Min(RunColumns, _width - column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply(float* gate, float* up, float* output, int count)
    {
        var i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count)
            Product(Vector.Load(gate + i), Vector.Load(up + i)).Store(output + i);
        for (; i < count; i++) output[i] = Product(new Vector<float>(gate[i]), new Vector<float>(up[i]))[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Product(Vector<float> gate, Vector<float> up) => gate * up / (Vector<float>.One + VectorMath.Exp(-gate));
}
