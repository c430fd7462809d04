using Cluster.Compute.Cpu.Logits;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.OpenCl.Memory;
using Cluster.Compute.Steps;

namespace Cluster.Compute.OpenCl.Logits;

/// <summary>Rows of logits come to the host, which reduces them as a CPU rank does: it takes f64, which not every device has.</summary>
internal sealed unsafe class HostLogits : IDisposable
{
    private const int MostThreads = 4;

    private readonly ThreadTeam _team = new(Math.Min(MostThreads, Environment.ProcessorCount));
    private readonly LogitsTask _summarize;
    private readonly CompareTask _compare;

    public HostLogits()
    {
        _summarize = new LogitsTask(_team);
        _compare = new CompareTask(_team);
    }

    /// <summary>Appends what rows [<paramref name="firstRow"/>, + <paramref name="rowCount"/>) of the batch's want.</summary>
    /// <exception cref="ArgumentException">A row's wishes are out of range.</exception>
    public void Summarize(OpenClBuffer logits, int width, int vocabularyStart, StepBatch batch, int firstRow, int rowCount, StepOutput output)
    {
        if (rowCount == 0) return;
        fixed (float* rows = logits.ReadHost(checked(rowCount * width)))
            _summarize.Run(rows, width, vocabularyStart, batch, firstRow, rowCount, output);
    }

    /// <summary>Appends how far each row is from its baseline.</summary>
    public void Compare(OpenClBuffer logits, OpenClBuffer baseline, int width, int rowCount, StepOutput output)
    {
        if (rowCount == 0) return;
        fixed (float* rows = logits.ReadHost(checked(rowCount * width)), baselineRows = baseline.ReadHost(rowCount * width))
            _compare.Run(rows, baselineRows, width, rowCount, output);
    }

    public void Dispose() => _team.Dispose();
}
