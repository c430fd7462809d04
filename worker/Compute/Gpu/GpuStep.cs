using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Model.Architecture;

namespace Cluster.Compute.Gpu;

/// <summary>The current step as GPUs are told of it: positions, block tables, rotary angles; checked as the CPU's is.</summary>
internal abstract class GpuStep
{
    private readonly StepState _state = new();
    private readonly GrowingArray<int> _tokens = new();
    private readonly GrowingArray<(int First, int Count)> _tiles = new();
    private RotaryTable? _rotary;
    private int _tileTokens;

    public int TokenCount => _state.TokenCount;

    /// <summary>Whether each sequence has one token.</summary>
    public bool IsDecode { get; private set; }

    /// <summary>The longest context of the step's tokens.</summary>
    public int LongestContext { get; private set; }

    /// <summary>Cached tokens that queries see, each once: the sum of all sequences' contexts.</summary>
    public long ContextTokens { get; private set; }

    /// <summary>The same once for every query.</summary>
    public long AttendedTokens { get; private set; }

    public int RotaryPairs => _rotary?.InverseFrequencies.Length ?? 0;

    public bool IsInterleaved => _rotary?.Style == RopeStyle.Interleaved;

    /// <summary>Position of each token.</summary>
    protected ReadOnlySpan<int> Positions => _state.Positions.Span;

    /// <exception cref="ArgumentException">The batch contradicts itself; the message says where.</exception>
    public void Begin(StepBatch batch, RotaryTable rotary)
    {
        _state.Begin(batch);
        _tileTokens = 0;
        _tokens.Clear();
        Positions.CopyTo(_tokens.Append(TokenCount));
        var tables = _tokens.Append(TokenCount);
        (IsDecode, LongestContext, ContextTokens, AttendedTokens) = (true, 0, 0, 0);
        foreach (ref var sequence in _state.Sequences.Span)
        {
            tables.Slice(sequence.FirstToken, sequence.TokenCount).Fill(sequence.FirstBlock);
            IsDecode &= sequence.TokenCount == 1;
            var context = sequence.StartPosition + sequence.TokenCount;
            LongestContext = Math.Max(LongestContext, context);
            ContextTokens += context;
            AttendedTokens += (long)sequence.TokenCount * (sequence.StartPosition + context + 1) / 2;
        }

        _state.BlockTable.Span.CopyTo(_tokens.Append(_state.BlockTable.Count));
        UploadTokens(_tokens.Span);
        UploadAngles(rotary, isNew: !ReferenceEquals(_rotary, rotary));
        _rotary = rotary;
    }

    /// <summary>Checks that the step's positions are in a cache.</summary>
    /// <exception cref="ArgumentException">A block is not one of the cache's, or a sequence has too few.</exception>
    public void CheckFits(KvCacheShape shape) => _state.CheckFits(shape);

    /// <summary>Position of each token, where its sequence begins in the table of blocks, then that table.</summary>
    protected abstract void UploadTokens(ReadOnlySpan<int> tokens);

    /// <summary>Cosine and sine of each pair of each token, or what the device makes them of.</summary>
    /// <param name="rotary">The model's.</param>
    /// <param name="isNew">Whether it is another than the last step's.</param>
    protected abstract void UploadAngles(RotaryTable rotary, bool isNew);

    protected abstract void UploadTiles(ReadOnlySpan<(int First, int Count)> tiles);

    /// <summary>Has the device know the step's tokens as runs of up to <paramref name="tileTokens"/> of one sequence, (first, count) each; returns how many.</summary>
    protected int MakeTiles(int tileTokens)
    {
        if (_tileTokens == tileTokens) return _tiles.Count;
        _tiles.Clear();
        foreach (ref var sequence in _state.Sequences.Span)
        {
            for (var token = 0; token < sequence.TokenCount; token += tileTokens)
                _tiles.Add((sequence.FirstToken + token, Math.Min(tileTokens, sequence.TokenCount - token)));
        }

        UploadTiles(_tiles.Span);
        _tileTokens = tileTokens;
        return _tiles.Count;
    }
}
