using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Cpu.Logits;

/// <summary>Compares rows of logits with a baseline's. Threads take one row after the other.</summary>
internal sealed unsafe class CompareTask(ThreadTeam team) : TeamTask
{
    private float* _logits;
    private float* _baseline;
    private int _width;
    private int _rowCount;
    private int _firstResult;
    private int _nextRow;
    private StepOutput? _output;

    /// <summary>Appends one divergence for each row.</summary>
    public void Run(float* logits, float* baseline, int width, int rowCount, StepOutput output)
    {
        _logits = logits;
        _baseline = baseline;
        _width = width;
        _rowCount = rowCount;
        _firstResult = output.Divergences.Count;
        _output = output;
        _nextRow = 0;
        output.Divergences.Append(rowCount);
        if (rowCount == 1) Execute(0, 1);
        else team.Run(this);
        _output = null;
    }

    public override void Execute(int thread, int threads)
    {
        for (var row = Interlocked.Increment(ref _nextRow) - 1; row < _rowCount; row = Interlocked.Increment(ref _nextRow) - 1)
            _output!.Divergences[_firstResult + row] = LogitsComparison.Compare(_logits + (long)row * _width, _baseline + (long)row * _width, _width);
    }
}
