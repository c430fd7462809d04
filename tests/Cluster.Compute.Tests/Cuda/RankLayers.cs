using Cluster.Compute.Cuda;
using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Cpu.Matrices;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cuda;

/// <summary>
/// Two layers without attention, whose row-parallel products are summed over ranks: a rank's on its device, or those of all ranks one after the
/// other on one device, which adds up the same values in the same order.
/// </summary>
internal sealed class RankLayers : IDisposable
{
    private const int Width = 512;
    private const int Wide = 768;
    private const float Epsilon = 1e-5f;

    private readonly IDevice _device;
    private readonly int _tokens;
    private readonly Rank[] _ranks;
    private readonly DeviceBuffer _gain;
    private readonly DeviceBuffer _normed;
    private readonly DeviceBuffer _partial;

    public RankLayers(IDevice device, TensorType type, int tokens, params int[] ranks)
    {
        (_device, _tokens) = (device, tokens);
        Hidden = device.Buffer(RandomValues.Normal(1, tokens * Width, 3));
        _gain = device.Buffer(RandomValues.Normal(2, Width));
        _normed = device.Allocate(tokens * Width);
        _partial = device.Allocate(tokens * Width);
        _ranks = Array.ConvertAll(ranks, rank => new Rank(device, type, tokens, 100 * rank));
    }

    public DeviceBuffer Hidden { get; }

    /// <summary>Regions and kernels of ranks that share this process's first device, or each its own.</summary>
    public static PeerExchange[] Meet(params CudaDevice[] devices)
    {
        var regions = Array.ConvertAll(devices, device => new PeerRegion(device.Context, device.Context.Stream, devices.Length));
        var ranks = new ExchangeRanks { Size = devices.Length };
        for (var i = 0; i < regions.Length; i++) ranks.Regions[i] = regions[i].Address;
        foreach (var device in devices) ranks.Flags += device.Context.Info.Multiprocessors;
        var exchanges = new PeerExchange[devices.Length];
        for (var i = 0; i < devices.Length; i++)
        {
            (ranks.Rank, ranks.Blocks) = (i, devices[i].Context.Info.Multiprocessors);
            exchanges[i] = new PeerExchange(devices[i].Context, new ExchangeKernels(devices[i].Context), ranks, regions[i]);
            ranks.FirstFlag += ranks.Blocks;
        }

        return exchanges;
    }

    /// <param name="sum">Sums over the ranks; null: there are no others than those here.</param>
    public void Forward(Action<DeviceBuffer, int>? sum)
    {
        Project();
        for (var layer = 0; layer < 2; layer++)
        {
            if (layer > 0) Project();
            foreach (var rank in _ranks) Reduce(rank.Output, rank.Heads);
            _device.RmsNorm(Hidden, _gain, Epsilon, _tokens, _normed);
            foreach (var rank in _ranks)
            {
                _device.MatMul([rank.Gate, rank.Up], _normed, _tokens, rank.GateUp);
                _device.SwiGlu(rank.GateUp, Wide, _tokens, rank.Activated, Wide, 0);
            }

            foreach (var rank in _ranks) Reduce(rank.Down, rank.Activated);
        }

        void Project()
        {
            _device.RmsNorm(Hidden, _gain, Epsilon, _tokens, _normed);
            foreach (var rank in _ranks) _device.MatMul(rank.QueryKeyValue, _normed, _tokens, rank.Heads);
        }

        void Reduce(Matrix matrix, DeviceBuffer input)
        {
            _device.MatMul([matrix], input, _tokens, _partial);
            sum?.Invoke(_partial, _tokens * Width);
            _device.Add(Hidden, _partial, 1, _tokens * Width);
        }
    }

    public void Dispose()
    {
        foreach (var rank in _ranks) rank.Dispose();
        foreach (var buffer in new[] { Hidden, _gain, _normed, _partial }) buffer.Dispose();
    }

    private sealed class Rank(IDevice device, TensorType type, int tokens, int seed) : IDisposable
    {
        public Matrix[] QueryKeyValue { get; } =
            [Load(device, type, 256, Width, seed + 3), Load(device, type, 128, Width, seed + 4), Load(device, type, 128, Width, seed + 5)];

        public Matrix Output { get; } = Load(device, type, Width, Width, seed + 6);

        public Matrix Gate { get; } = Load(device, type, Wide, Width, seed + 7);

        public Matrix Up { get; } = Load(device, type, Wide, Width, seed + 8);

        public Matrix Down { get; } = Load(device, type, Width, Wide, seed + 9);

        public DeviceBuffer Heads { get; } = device.Allocate(tokens * Width);

        public DeviceBuffer GateUp { get; } = device.Allocate(2 * tokens * Wide);

        public DeviceBuffer Activated { get; } = device.Allocate(tokens * Wide);

        public void Dispose()
        {
            foreach (var matrix in (Matrix[])[.. QueryKeyValue, Output, Gate, Up, Down]) matrix.Dispose();
            foreach (var buffer in new[] { Heads, GateUp, Activated }) buffer.Dispose();
        }

        /// <summary>As the bias of a row-parallel matrix, those of the first rank's alone have one.</summary>
        private static Matrix Load(IDevice device, TensorType type, int rows, int columns, int seed) =>
            device.LoadMatrix(TestTensor.Normal(type, rows, columns, seed, bias: seed < 100));
    }
}
