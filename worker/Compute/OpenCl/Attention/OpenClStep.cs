using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.OpenCl.Memory;
using Cluster.Compute.Steps;
using Cluster.Model.Architecture;

namespace Cluster.Compute.OpenCl.Attention;

/// <summary>The current step on the device: positions, block tables, rotary angles; checked as the CPU's is.</summary>
internal sealed class OpenClStep(OpenClContext context) : IDisposable
{
    private readonly StepState _state = new();
    private readonly ScratchMemory _tokens = new(context);
    private readonly ScratchMemory _angles = new(context);
    private readonly ScratchMemory _tiles = new(context);
    private readonly GrowingArray<int> _tokenList = new();
    private readonly GrowingArray<(float Cosine, float Sine)> _angleList = new();
    private readonly GrowingArray<(int First, int Count)> _tileList = new();
    private RotaryTable? _rotary;
    private int _tileTokens;

    public int TokenCount => _state.TokenCount;

    /// <summary>Whether each sequence has one token.</summary>
    public bool IsDecode { get; private set; }

    /// <summary>The longest context of the step's tokens.</summary>
    public int LongestContext { get; private set; }

    /// <summary>Position of each token, where its sequence begins in the table of blocks, then that table.</summary>
    public OpenClMemory Tokens => _tokens.Reserve(0);

    /// <summary>Cosine and sine of each pair of each token.</summary>
    public OpenClMemory Angles => _angles.Reserve(0);

    public int RotaryPairs => _rotary?.InverseFrequencies.Length ?? 0;

    public bool IsInterleaved => _rotary?.Style == RopeStyle.Interleaved;

    /// <exception cref="ArgumentException">The batch contradicts itself; the message says where.</exception>
    public void Begin(StepBatch batch, RotaryTable rotary)
    {
        _state.Begin(batch);
        _rotary = rotary;
        _tileTokens = 0;
        _tokenList.Clear();
        _state.Positions.Span.CopyTo(_tokenList.Append(TokenCount));
        var tables = _tokenList.Append(TokenCount);
        (IsDecode, LongestContext) = (true, 0);
        foreach (ref var sequence in _state.Sequences.Span)
        {
            tables.Slice(sequence.FirstToken, sequence.TokenCount).Fill(sequence.FirstBlock);
            IsDecode &= sequence.TokenCount == 1;
            LongestContext = Math.Max(LongestContext, sequence.StartPosition + sequence.TokenCount);
        }

        _state.BlockTable.Span.CopyTo(_tokenList.Append(_state.BlockTable.Count));
        _tokens.Upload<int>(_tokenList.Span);
        ComputeAngles(rotary);
    }

    /// <summary>Checks that the step's positions are in a cache.</summary>
    public void CheckFits(KvCacheShape shape) => _state.CheckFits(shape);

    /// <summary>The step's tokens as runs of up to <paramref name="tileTokens"/> of one sequence, (first, count) each, on the device.</summary>
    public (int Count, OpenClMemory Memory) Tiles(int tileTokens)
    {
        if (_tileTokens != tileTokens) MakeTiles(tileTokens);
        return (_tileList.Count, _tiles.Reserve(0));
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _angles.Dispose();
        _tiles.Dispose();
    }

    /// <summary>In f64, which not every device has, so that positions far out keep their fraction of a turn.</summary>
    private void ComputeAngles(RotaryTable rotary)
    {
        var frequencies = rotary.InverseFrequencies;
        _angleList.Clear();
        var angles = _angleList.Append(TokenCount * frequencies.Length);
        for (var token = 0; token < TokenCount; token++)
        {
            for (var pair = 0; pair < frequencies.Length; pair++)
            {
                var (sine, cosine) = Math.SinCos((double)_state.Positions[token] * frequencies[pair]);
                angles[token * frequencies.Length + pair] = ((float)(cosine * rotary.Magnitude), (float)(sine * rotary.Magnitude));
            }
        }

        _angles.Upload<(float, float)>(angles);
    }

    private void MakeTiles(int tileTokens)
    {
        _tileList.Clear();
        foreach (ref var sequence in _state.Sequences.Span)
        {
            for (var token = 0; token < sequence.TokenCount; token += tileTokens)
                _tileList.Add((sequence.FirstToken + token, Math.Min(tileTokens, sequence.TokenCount - token)));
        }

        _tiles.Upload<(int, int)>(_tileList.Span);
        _tileTokens = tileTokens;
    }
}
