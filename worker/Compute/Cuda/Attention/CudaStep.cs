using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cuda.Elementwise;
using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Model.Architecture;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>The current step on the device: positions, block tables, rotary angles; checked as the CPU's is.</summary>
internal sealed unsafe class CudaStep(CudaContext context, StagingMemory staging, ElementwiseKernels kernels) : IDisposable
{
    private readonly StepState _state = new();
    private readonly ScratchMemory _memory = new(context);
    private readonly ScratchMemory _angleMemory = new(context);
    private readonly ScratchMemory _tileMemory = new(context);
    private readonly GrowingArray<(int First, int Count)> _tiles = new();
    private RotaryTable? _table;
    private DeviceMemoryHandle? _frequencies;
    private ulong _tileAddress;
    private int _tileTokens;

    public int TokenCount => _state.TokenCount;

    /// <summary>Whether each sequence has one token.</summary>
    public bool IsDecode { get; private set; }

    /// <summary>The longest context of the step's tokens.</summary>
    public int LongestContext { get; private set; }

    public StepTokens Tokens { get; private set; }

    /// <summary>Cosine and sine of each pair of each token.</summary>
    public ulong Angles { get; private set; }

    public int RotaryPairs => _table?.InverseFrequencies.Length ?? 0;

    public bool IsInterleaved => _table?.Style == RopeStyle.Interleaved;

    /// <exception cref="ArgumentException">The batch contradicts itself; the message says where.</exception>
    public void Begin(StepBatch batch, RotaryTable rotary)
    {
        _state.Begin(batch);
        _tileTokens = 0;
        var (tokens, blocks) = (TokenCount, _state.BlockTable.Count);
        var host = staging.Take<int>(2 * tokens + blocks);
        _state.Positions.Span.CopyTo(new Span<int>(host, tokens));
        var tables = new Span<int>(host + tokens, tokens);
        _state.BlockTable.Span.CopyTo(new Span<int>(host + 2 * tokens, blocks));
        (IsDecode, LongestContext) = (true, 0);
        foreach (ref var sequence in _state.Sequences.Span)
        {
            tables.Slice(sequence.FirstToken, sequence.TokenCount).Fill(sequence.FirstBlock);
            IsDecode &= sequence.TokenCount == 1;
            LongestContext = Math.Max(LongestContext, sequence.StartPosition + sequence.TokenCount);
        }

        var bytes = (2L * tokens + blocks) * sizeof(int);
        var address = _memory.Reserve(bytes);
        context.Upload(host, address, bytes);
        Tokens = new StepTokens(address, address + (ulong)tokens * sizeof(int), address + 2UL * (ulong)tokens * sizeof(int));
        ComputeAngles(rotary);
    }

    /// <summary>Checks that the step's positions are in a cache.</summary>
    public void CheckFits(KvCacheShape shape) => _state.CheckFits(shape);

    /// <summary>
    /// The step's tokens as runs of up to <paramref name="tileTokens"/> of one sequence, (first, count) each, on the device. Runs of one
    /// are the tokens themselves and have no list.
    /// </summary>
    public (int Count, ulong Address) Tiles(int tileTokens)
    {
        if (tileTokens == 1) return (TokenCount, 0);
        if (_tileTokens != tileTokens) MakeTiles(tileTokens);
        return (_tiles.Count, _tileAddress);
    }

    public void Dispose()
    {
        _memory.Dispose();
        _angleMemory.Dispose();
        _tileMemory.Dispose();
        _frequencies?.Dispose();
    }

    private void ComputeAngles(RotaryTable rotary)
    {
        var pairs = rotary.InverseFrequencies.Length;
        if (!ReferenceEquals(_table, rotary))
        {
            _frequencies?.Dispose();
            _frequencies = context.Allocate(Math.Max(pairs, 1) * sizeof(float));
            fixed (float* frequencies = rotary.InverseFrequencies) context.Upload(frequencies, _frequencies.Address, pairs * sizeof(float));
            context.Synchronize();
            _table = rotary;
        }

        Angles = _angleMemory.Reserve((long)TokenCount * pairs * 2 * sizeof(float));
        kernels.RotaryAngles.LaunchItems(
            (long)TokenCount * pairs, new KernelArguments { Tokens.Positions, _frequencies!.Address, pairs, rotary.Magnitude, TokenCount, Angles });
    }

    private void MakeTiles(int tileTokens)
    {
        _tiles.Clear();
        foreach (ref var sequence in _state.Sequences.Span)
        {
            for (var token = 0; token < sequence.TokenCount; token += tileTokens)
                _tiles.Add((sequence.FirstToken + token, Math.Min(tileTokens, sequence.TokenCount - token)));
        }

        var host = staging.Take<(int, int)>(_tiles.Count);
        _tiles.Span.CopyTo(new Span<(int, int)>(host, _tiles.Count));
        var bytes = (long)_tiles.Count * sizeof((int, int));
        _tileAddress = _tileMemory.Reserve(bytes);
        context.Upload(host, _tileAddress, bytes);
        _tileTokens = tileTokens;
    }
}
