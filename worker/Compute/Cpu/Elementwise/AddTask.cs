using System.Numerics;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Elementwise;

/// <summary>Adds one array to another, shared out in runs.</summary>
internal sealed unsafe class AddTask(ThreadTeam team) : TeamTask
{
    /// <summary>Elements below which waking the team costs more than it saves.</summary>
    private const int InlineElements = 65_536;

    private float* _accumulator;
    private float* _addend;
    private int _count;

    public void Run(float* accumulator, float* addend, int count)
    {
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
            (Vector.Load(_accumulator + i) + Vector.Load(_addend + i)).Store(_accumulator + i);
        for (; i < end; i++) _accumulator[i] += _addend[i];
    }
}
