using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Model.Architecture;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>
/// Cosines and sines of a step's tokens, computed once for all layers. Angles are f64, so that positions far out keep their fraction of
/// a turn. Stored as factors that rotate in place: element i becomes x[i] · cosine[i] + x[partner(i)] · sine[i], the sine negative for
/// the first of a pair.
/// </summary>
internal sealed unsafe class RotaryAngles(ThreadTeam team) : TeamTask, IDisposable
{
    /// <summary>Pairs below which waking the team costs more than it saves.</summary>
    private const int InlinePairs = 512;

    private readonly ScratchMemory _memory = new();
    private StepState _step = new();
    private RotaryTable _table = new([], RopeStyle.Interleaved, 1);
    private float* _factors;

    public RopeStyle Style => _table.Style;

    /// <summary>Leading elements of a head that rotate.</summary>
    public int Dimensions => 2 * _table.InverseFrequencies.Length;

    /// <summary><see cref="Dimensions"/> factors of a token for the elements themselves.</summary>
    public float* Cosines(int token) => _factors + (long)token * 2 * Dimensions;

    /// <summary><see cref="Dimensions"/> factors of a token for the elements' partners.</summary>
    public float* Sines(int token) => Cosines(token) + Dimensions;

    public void Begin(StepState step, RotaryTable table)
    {
        (_step, _table) = (step, table);
        _factors = (float*)_memory.Reserve((long)step.TokenCount * 2 * Dimensions * sizeof(float));
        if (step.TokenCount * table.InverseFrequencies.Length <= InlinePairs) Execute(0, 1);
        else team.Run(this);
    }

    public override void Execute(int thread, int threads)
    {
        var (start, end) = TeamShare.Of(_step.TokenCount, thread, threads);
        for (var token = start; token < end; token++) Compute(_step.Positions[token], Cosines(token), Sines(token));
    }

    public void Dispose() => _memory.Dispose();

    private void Compute(int position, float* cosines, float* sines)
    {
        var frequencies = _table.InverseFrequencies;
        for (var pair = 0; pair < frequencies.Length; pair++)
        {
            var (sin, cos) = Math.SinCos((double)position * frequencies[pair]);
            var (first, second) = Style == RopeStyle.Interleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + frequencies.Length);
            cosines[first] = cosines[second] = (float)(cos * _table.Magnitude);
            sines[second] = (float)(sin * _table.Magnitude);
            sines[first] = -sines[second];
        }
    }
}
