using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Cuda.Matrices;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cuda.Chains;

/// <summary>
/// Puts off products of few tokens, and what stands between them, for as long as one kernel can run them all (chain.cuh): weights then stream
/// from memory without a pause from the output projection of a layer to the queries, keys and values of the next. Sums over ranks are put off with them.
/// </summary>
internal sealed class ChainRecorder : IDisposable
{
    /// <summary>Tokens of the kernels; a step of fewer leaves some idle.</summary>
    private static readonly int[] s_tokens = [1, 2, 4, 8];

    private readonly CudaContext _context;
    private readonly Dictionary<(TensorType, int, bool), ChainKernel?> _kernels = [];
    private readonly DeviceMemoryHandle _arrived;
    private readonly KernelWork[] _works = new KernelWork[ProductChain.ChainLinks.Capacity];
    private ProductChain _chain;
    private TensorType _type;
    private CudaBuffer? _output;
    private int _pairRows;
    private uint _before;

    /// <summary>What links of the chain sum over; null: none does.</summary>
    private PeerExchange? _exchange;

    private PendingSum? _sum;

    public ChainRecorder(CudaContext context)
    {
        _context = context;
        _arrived = context.Allocate(sizeof(uint));
        context.Clear(_arrived.Address, sizeof(uint));
    }

    /// <summary>Puts a product off, together with the norm before it; false if it has to be done otherwise, after <see cref="Launch"/>.</summary>
    /// <param name="matrices">Of one input, outputs side by side.</param>
    /// <param name="input">Rows of the matrices' columns, or what the norm takes.</param>
    /// <param name="quantized">The same quantized, if there is such.</param>
    /// <param name="norm">The norm that the input is to be taken through; null for none.</param>
    /// <param name="tokens">How many rows.</param>
    /// <param name="width">Rows of all matrices.</param>
    /// <param name="output">Where they go.</param>
    public bool TryMultiply(
        ReadOnlySpan<Matrix> matrices, CudaBuffer input, QuantizedRows? quantized, DeferredNorm? norm, int tokens, int width, CudaBuffer output)
    {
        var (type, columns) = (matrices[0].Type, matrices[0].Columns);
        if (matrices.Length > MatrixGroup<BlockPlanes>.Capacity || WeightKernels.IsPlainType(type) || !ChainKernel.Takes(type, columns)) return false;
        if (norm is { } before && (before.Output != input || before.Tokens != tokens || before.Gain.Count != columns)) return false;
        foreach (var matrix in matrices)
        {
            if (matrix.Type != type || matrix.Columns != columns) return false;
        }

        if (KernelFor(type, tokens, hasSums: false) is not { } kernel || !kernel.Fits(columns)) return false;
        var goesOn = _chain.Count is > 0 and < ProductChain.ChainLinks.Capacity && _type == type && _chain.Tokens == tokens
            && (_sum is null || _sum.Value.IsInputOf(norm));
        if (!goesOn) Launch();
        (_type, _chain.Tokens, _output) = (type, tokens, output);
        _pairRows = matrices.Length == 2 && matrices[0].Rows == matrices[1].Rows ? matrices[0].Rows : 0;
        _works[_chain.Count] = _context.Timer.Product(matrices, tokens);
        ref var link = ref _chain.Links[_chain.Count++];
        link = new ChainLink
        {
            RowBlocks = columns / ActivationCache.BlockColumns,
            Kind = norm is not null ? ChainInput.Normed : quantized is not null ? ChainInput.Codes : ChainInput.Rows,
            Input = (norm?.Input ?? input).Address,
            Quantized = quantized ?? default,
            Gain = norm?.Gain.Address ?? 0,
            Normed = norm?.Output.Address ?? 0,
            Epsilon = norm?.Epsilon ?? 0,
            OutputWidth = width,
            Output = output.Address,
            InputSum = _sum?.Number ?? 0,
        };
        _sum = null;
        foreach (var matrix in matrices) link.Group.Add(new BlockPlanes((CudaMatrix)matrix, link.Group.Rows), matrix.Rows);
        return true;
    }

    /// <summary>Puts off the gating of the last product's two outputs; false if they are not that.</summary>
    public bool TryGate(CudaBuffer gateUp, int width, int tokens, CudaBuffer output)
    {
        if (_chain.Count == 0 || _output != gateUp || _chain.Tokens != tokens) return false;
        ref var link = ref _chain.Links[_chain.Count - 1];
        if (link.Gated != 0 || _pairRows != width) return false;
        link.Gated = output.Address;
        return true;
    }

    /// <summary>
    /// Puts off a sum over ranks, in place. It is of the last product if that gives all of it, few values, and does not begin with a sum itself: between
    /// two sums there has to be a barrier, as exchange.cuh says, and a link that begins with one has none.
    /// </summary>
    public void Sum(PeerExchange exchange, CudaBuffer partial, int count, KernelWork work)
    {
        var isOfChain = _chain.Count > 0 && _sum is null && _output == partial && count <= ExchangeRanks.MostValues
            && (_exchange is null || _exchange == exchange);
        if (isOfChain)
        {
            ref readonly var last = ref _chain.Links[_chain.Count - 1];
            isOfChain = last is { InputSum: 0, Residual: 0, Gated: 0 } && last.Group.Count == 1 && (long)last.Group.Rows * _chain.Tokens == count;
        }

        if (!isOfChain) Launch();
        _sum = new PendingSum(exchange, isOfChain ? exchange.Next() : 0, partial, count, work);
        if (!isOfChain) return;
        _exchange = exchange;
        _chain.Links[_chain.Count - 1].OutputSum = _sum.Value.Number;
    }

    public bool PutsOff(PeerExchange exchange) => _exchange == exchange || _sum?.Exchange == exchange;

    /// <summary>Drops sums of a group that has ended, and what leads to them.</summary>
    public void Forget(PeerExchange exchange)
    {
        if (_exchange == exchange) (_chain.Count, _output, _exchange) = (0, null, null);
        if (_sum?.Exchange == exchange) _sum = null;
    }

    /// <summary>Puts off the addition of the last product's output, or of a sum; false if it is not that.</summary>
    public bool TryAdd(CudaBuffer accumulator, CudaBuffer addend, int count)
    {
        if (_sum is { } sum)
        {
            if (!sum.Takes(accumulator, addend, count)) return false;
            _sum = sum with { Accumulator = accumulator };
            if (sum.IsOfChain && sum.Exchange.Ranks.Rank == 0) _chain.Links[_chain.Count - 1].Residual = accumulator.Address;
            return true;
        }

        if (_chain.Count == 0 || _output != addend) return false;
        ref var link = ref _chain.Links[_chain.Count - 1];
        if (link.Residual != 0 || link.Input == accumulator.Address || link.Group.Count != 1 || (long)link.Group.Rows * _chain.Tokens != count) return false;
        link.Residual = accumulator.Address;
        return true;
    }

    /// <summary>Queues what was put off.</summary>
    public void Launch()
    {
        if (_chain.Count > 0)
        {
            _context.Enter();
            _chain.Arrived = _arrived.Address;
            _chain.Before = _before;
            if (_exchange is not null) _chain.Ranks = _exchange.Ranks;
            var kernel = KernelFor(_type, _chain.Tokens, _exchange is not null)!;
            _before += kernel.Launch(_chain, _works.AsSpan(0, _chain.Count));
            (_chain.Count, _output, _exchange) = (0, null, null);
        }

        if (_sum is not { } sum) return;
        _sum = null;
        _context.Enter();
        sum.Queue();
    }

    public void Dispose() => _arrived.Dispose();

    private ChainKernel? KernelFor(TensorType type, int tokens, bool hasSums)
    {
        foreach (var most in s_tokens)
        {
            if (tokens > most) continue;
            if (!_kernels.TryGetValue((type, most, hasSums), out var kernel))
                _kernels[(type, most, hasSums)] = kernel = ChainKernel.Create(_context, type, most, hasSums);
            return kernel;
        }

        return null;
    }
}
