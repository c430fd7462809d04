using System.Numerics;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Elementwise;

/// <summary>Root-mean-square norm of rows, shared out by row.</summary>
internal sealed unsafe class RmsNormTask(ThreadTeam team) : TeamTask
{
    /// <summary>Elements below which waking the team costs more than it saves.</summary>
    private const long InlineElements = 16_384;

    private float* _input;
    private float* _gain;
    private float* _output;
    private float _epsilon;
    private int _width;
    private int _rows;

    public void Run(float* input, float* gain, float epsilon, int width, int rows, float* output)
    {
        _input = input;
        _gain = gain;
        _output = output;
        _epsilon = epsilon;
        _width = width;
        _rows = rows;
        if ((long)rows * width <= InlineElements || rows == 1) Execute(0, 1);
        else team.Run(this);
    }

    public override void Execute(int thread, int threads)
    {
        var (start, end) = TeamShare.Of(_rows, thread, threads);
        for (var row = start; row < end; row++) Normalize(_input + (long)row * _width, _output + (long)row * _width);
    }

    private void Normalize(float* input, float* output)
    {
        var scale = 1 / MathF.Sqrt(SumOfSquares(input, _width) / _width + _epsilon);
        var i = 0;
        for (; i + Vector<float>.Count <= _width; i += Vector<float>.Count)
            (Vector.Load(input + i) * new Vector<float>(scale) * Vector.Load(_gain + i)).Store(output + i);
        for (; i < _width; i++) output[i] = input[i] * scale * _gain[i];
    }

    private static float SumOfSquares(float* values, int count)
    {
        Vector<float> even = default, odd = default;
        var i = 0;
        for (; i + 2 * Vector<float>.Count <= count; i += 2 * Vector<float>.Count)
        {
            var (x, y) = (Vector.Load(values + i), Vector.Load(values + i + Vector<float>.Count));
            even = Vector.MultiplyAddEstimate(x, x, even);
            odd = Vector.MultiplyAddEstimate(y, y, odd);
        }

        var sum = Vector.Sum(even + odd);
        for (; i < count; i++) sum += values[i] * values[i];
        return sum;
    }
}
