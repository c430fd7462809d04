using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Compute.KvCache;
using Cluster.Compute.OpenCl.Attention;
using Cluster.Compute.OpenCl.Elementwise;
using Cluster.Compute.OpenCl.Logits;
using Cluster.Compute.OpenCl.Matrices;
using Cluster.Compute.OpenCl.Memory;
using Cluster.Compute.Steps;

namespace Cluster.Compute.OpenCl;

/// <summary>An OpenCL device: operations are queued on one queue, in call order. Not for several callers at once.</summary>
internal sealed class OpenClDevice : IDevice
{
    private readonly OpenClContext _context;
    private readonly ElementwiseKernels _elementwise;
    private readonly OpenClStep _step;
    private readonly MatMulOperation _matMul;
    private readonly AttentionOperation _attention;
    private readonly OpenClMatrixLoader _loader;
    private readonly ScratchMemory _rows;
    private readonly HostLogits _logits = new();
    private readonly FormatKernels<WeightKernels> _weightKernels;

    public OpenClDevice(OpenClContext context, DeviceDescription description)
    {
        _context = context;
        Description = description;
        _elementwise = new ElementwiseKernels(context);
        _step = new OpenClStep(context);
        _matMul = new MatMulOperation(context, _elementwise);
        _attention = new AttentionOperation(context, _step, new CacheKernels(context));
        _loader = new OpenClMatrixLoader(context);
        _weightKernels = new FormatKernels<WeightKernels>(type => new WeightKernels(context, type));
        _rows = new ScratchMemory(context);
    }

    public DeviceDescription Description { get; }

    public DeviceBuffer Allocate(long count) => new OpenClBuffer(_context, count);

    public Matrix LoadMatrix(MatrixSource source) => _loader.Load(source, _weightKernels.Of(source.Type));

    public EmbeddingTable LoadEmbedding(MatrixSource source) => new OpenClEmbeddingTable(_context, _weightKernels.Of(source.Type), source);

    public KvCacheShard CreateKvCache(KvCacheShape shape, IOutputGrams? outputGrams)
    {
        shape.Validate();
        CacheTypes.Check(shape, "opencl");
        return new OpenClKvCache(_context, shape, outputGrams);
    }

    public void BeginStep(StepBatch batch, RotaryTable rotary)
    {
        _loader.Release();
        _step.Begin(batch, rotary);
    }

    public void Embed(EmbeddingTable table, ReadOnlySpan<int> tokenIds, DeviceBuffer output) =>
        ((OpenClEmbeddingTable)table).Embed(tokenIds, Memory(output, (long)tokenIds.Length * table.Columns));

    public void RmsNorm(DeviceBuffer input, DeviceBuffer gain, float epsilon, int tokens, DeviceBuffer output)
    {
        var width = (int)gain.Count;
        var count = (long)tokens * width;
        _elementwise.RmsNorm.Run(
            tokens, 1, 1, ElementwiseKernels.NormItems,
            new OpenClArguments { Memory(input, count), Memory(gain, width), epsilon, width, Memory(output, count) },
            _context.Timer.Work((2 * count + width) * sizeof(float)));
    }

    public void MatMul(ReadOnlySpan<Matrix> matrices, DeviceBuffer input, int tokens, DeviceBuffer output)
    {
        var width = OperandChecks.SumRows(matrices);
        _matMul.Run(matrices, Memory(input, (long)tokens * matrices[0].Columns), tokens, width, Memory(output, (long)tokens * width));
    }

    /// <summary>Sums are not rounded to what every split gives alike; a second plane, which CPU ranks beside this one have, is zero.</summary>
    public void MatMulRowParallel(Matrix matrix, DeviceBuffer input, DeviceBuffer residual, int tokens, DeviceBuffer output)
    {
        MatMul([matrix], input, tokens, output);
        var bytes = (long)tokens * matrix.Rows * sizeof(float);
        _context.Clear(Memory(output, matrix.SumPlanes * bytes / sizeof(float)), bytes, (matrix.SumPlanes - 1) * bytes);
    }

    public void RotateAndAppend(DeviceBuffer qkv, AttentionShape shape, KvCacheShard cache, int layer)
    {
        OperandChecks.CheckRotation(_step.RotaryPairs, shape);
        _attention.RotateAndAppend(Memory(qkv, (long)_step.TokenCount * shape.QkvWidth), shape, CacheOf(cache, shape, layer), layer);
    }

    public void Attention(DeviceBuffer qkv, AttentionShape shape, KvCacheShard cache, int layer, DeviceBuffer output, int outputWidth, int outputOffset)
    {
        OperandChecks.CheckColumns(shape.HeadCount * shape.HeadDim, outputWidth, outputOffset);
        _attention.Attend(
            Memory(qkv, (long)_step.TokenCount * shape.QkvWidth), shape, CacheOf(cache, shape, layer), layer,
            Memory(output, (long)_step.TokenCount * outputWidth), outputWidth, outputOffset);
    }

    public void SwiGlu(DeviceBuffer gateUp, int width, int tokens, DeviceBuffer output, int outputWidth, int outputOffset)
    {
        OperandChecks.CheckColumns(width, outputWidth, outputOffset);
        var count = (long)width * tokens;
        _elementwise.SwiGlu.RunItems(
            count,
            new OpenClArguments { Memory(gateUp, 2 * count), width, count, Memory(output, (long)tokens * outputWidth), outputWidth, outputOffset },
            _context.Timer.Work(3 * count * sizeof(float)));
    }

    public void Add(DeviceBuffer accumulator, DeviceBuffer addend, int planes, int count) =>
        _elementwise.Add.RunItems(
            count, new OpenClArguments { Memory(accumulator, count), Memory(addend, (long)planes * count), planes, count },
            _context.Timer.Work((planes + 2L) * count * sizeof(float)));

    public void GatherRows(DeviceBuffer input, int width, ReadOnlySpan<int> rows, DeviceBuffer output)
    {
        var count = (long)rows.Length * width;
        var target = Memory(output, count);
        OperandChecks.CheckRows(input, width, rows);
        if (count == 0) return;
        _elementwise.GatherRows.RunItems(
            count, new OpenClArguments { Memory(input, 0), width, _rows.Upload(rows), count, target }, _context.Timer.Work(2 * count * sizeof(float)));
    }

    public void SummarizeLogits(DeviceBuffer logits, int width, int vocabularyStart, StepBatch batch, int firstRow, int rowCount, StepOutput output) =>
        _logits.Summarize(Buffer(logits, (long)rowCount * width), width, vocabularyStart, batch, firstRow, rowCount, output);

    public void CompareLogits(DeviceBuffer logits, DeviceBuffer baseline, int width, int rowCount, StepOutput output) =>
        _logits.Compare(Buffer(logits, (long)rowCount * width), Buffer(baseline, (long)rowCount * width), width, rowCount, output);

    public void Synchronize() => _context.Synchronize();

    public IKernelTimer KernelTimer => _context.Timer;

    public DeviceLimits? MeasureLimits() => OpenClLimits.Measure(_context);

    public void Dispose()
    {
        _context.Synchronize();
        _logits.Dispose();
        _loader.Dispose();
        _rows.Dispose();
        _attention.Dispose();
        _matMul.Dispose();
        _step.Dispose();
        _context.Dispose();
    }

    /// <summary>A buffer of at least <paramref name="count"/> elements.</summary>
    private static OpenClBuffer Buffer(DeviceBuffer buffer, long count)
    {
        OperandChecks.CheckCount(buffer, count);
        return (OpenClBuffer)buffer;
    }

    private static OpenClMemory Memory(DeviceBuffer buffer, long count) => Buffer(buffer, count).Memory;

    private OpenClKvCache CacheOf(KvCacheShard cache, AttentionShape shape, int layer)
    {
        OperandChecks.CheckCache(cache.Shape, shape, layer);
        _step.CheckFits(cache.Shape);
        return (OpenClKvCache)cache;
    }
}
