using System.Numerics;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Elementwise;

/// <summary>Adds the planes of one array to another, shared out in runs.</summary>
internal sealed unsafe class AddTask(ThreadTeam team) : TeamTask
{
    /// <summary>Elements below which waking the team costs more than it saves.</summary>
    private const int InlineElements = 65_536;

    private float* _accumulator;
    private float* _addend;
    private int _planes;
    private int _count;

    public void Run(float* accumulator, float* addend, int planes, int count)
    {
        _planes = planes;
        _accumulator = accumulator;
        _addend = addend;
        _count = count;
        if (count <= InlineElements) Execute(0, 1);
        else team.Run(this);
    }

    public override void Execute(int thread, int threads)
    {
        var (i, end) = TeamShare.Of(_count, thread, threads);
        for (; i + Vector<float>.Count <= end; i += Vector<float>.Count)
        {
            var sum = Vector.Load(_addend + i);
            for (var plane = 1; plane < _planes; plane++) sum += Vector.Load(_addend + (long)plane * _count + i);
            (Vector.Load(_accumulator + i) + sum).Store(_accumulator + i);
        }

        for (; i < end; i++)
        {
            var sum = _addend[i];
            for (var plane = 1; plane < _planes; plane++) sum += _addend[(long)plane * _count + i];
            _accumulator[i] += sum;
        }
    }
}
