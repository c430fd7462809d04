using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Elementwise;
using Cluster.Compute.Cpu.Limits;
using Cluster.Compute.Cpu.Logits;
using Cluster.Compute.Cpu.Matrices;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Model.Processors;

namespace Cluster.Compute.Cpu;

/// <summary>The CPU: operations run at once, on a team of threads. Not for several callers at once.</summary>
internal sealed unsafe class CpuDevice : IDevice
{
    private readonly ThreadTeam _team;
    private readonly StepState _step = new();
    private readonly RotaryAngles _angles;
    private readonly RotateAppendTask _rotateAppend;
    private readonly AttentionTask _attention;
    private readonly EmbedTask _embed;
    private readonly RmsNormTask _rmsNorm;
    private readonly MatMulOperation _matMul;
    private readonly AddTask _add;
    private readonly SwiGluTask _swiGlu;
    private readonly LogitsTask _logits;
    private readonly CompareTask _compare;

    public CpuDevice(DeviceDescription description, CpuList? cpus)
    {
        Description = description;
        _team = new ThreadTeam(description.Threads, cpus);
        _angles = new RotaryAngles(_team);
        _rotateAppend = new RotateAppendTask(_team, _step, _angles);
        _attention = new AttentionTask(_team, _step);
        _embed = new EmbedTask(_team);
        _rmsNorm = new RmsNormTask(_team);
        _matMul = new MatMulOperation(_team);
        _add = new AddTask(_team);
        _swiGlu = new SwiGluTask(_team);
        _logits = new LogitsTask(_team);
        _compare = new CompareTask(_team);
    }

    public DeviceDescription Description { get; }

    public DeviceBuffer Allocate(long count) => new CpuBuffer(count);

    public Matrix LoadMatrix(MatrixSource source) => CpuMatrixLoader.Load(source, _team);

    public EmbeddingTable LoadEmbedding(MatrixSource source) => new CpuEmbeddingTable(source);

    public KvCacheShard CreateKvCache(KvCacheShape shape, IOutputGrams? outputGrams) => new CpuKvCache(shape, outputGrams, Description.Threads);

    public void BeginStep(StepBatch batch, RotaryTable rotary)
    {
        _step.Begin(batch);
        _angles.Begin(_step, rotary);
    }

    public void Embed(EmbeddingTable table, ReadOnlySpan<int> tokenIds, DeviceBuffer output) =>
        _embed.Run((CpuEmbeddingTable)table, tokenIds, At(output, (long)tokenIds.Length * table.Columns));

    public void RmsNorm(DeviceBuffer input, DeviceBuffer gain, float epsilon, int tokens, DeviceBuffer output)
    {
        var width = (int)gain.Count;
        _rmsNorm.Run(At(input, (long)tokens * width), At(gain, width), epsilon, width, tokens, At(output, (long)tokens * width));
    }

    public void MatMul(ReadOnlySpan<Matrix> matrices, DeviceBuffer input, int tokens, DeviceBuffer output)
    {
        var width = OperandChecks.SumRows(matrices);
        _matMul.Run(matrices, At(input, (long)tokens * matrices[0].Columns), tokens, At(output, (long)tokens * width));
    }

    public void MatMulRowParallel(Matrix matrix, DeviceBuffer input, DeviceBuffer residual, int tokens, DeviceBuffer output) =>
        _matMul.RunRowParallel(
            matrix, At(input, (long)tokens * matrix.Columns), At(residual, (long)tokens * matrix.Rows), tokens,
            At(output, (long)matrix.SumPlanes * tokens * matrix.Rows));

    public void RotateAndAppend(DeviceBuffer qkv, AttentionShape shape, KvCacheShard cache, int layer)
    {
        OperandChecks.CheckRotation(_angles.Dimensions / 2, shape);
        _rotateAppend.Run(At(qkv, (long)_step.TokenCount * shape.QkvWidth), shape, CacheOf(cache, shape, layer));
    }

    public void Attention(DeviceBuffer qkv, AttentionShape shape, KvCacheShard cache, int layer, DeviceBuffer output, int outputWidth, int outputOffset)
    {
        OperandChecks.CheckColumns(shape.HeadCount * shape.HeadDim, outputWidth, outputOffset);
        _attention.Run(
            At(qkv, (long)_step.TokenCount * shape.QkvWidth), shape, CacheOf(cache, shape, layer),
            At(output, (long)_step.TokenCount * outputWidth) + outputOffset, outputWidth);
    }

    public void SwiGlu(DeviceBuffer gateUp, int width, int tokens, DeviceBuffer output, int outputWidth, int outputOffset)
    {
        OperandChecks.CheckColumns(width, outputWidth, outputOffset);
        _swiGlu.Run(At(gateUp, 2L * tokens * width), width, tokens, At(output, (long)tokens * outputWidth) + outputOffset, outputWidth);
    }

    public void Add(DeviceBuffer accumulator, DeviceBuffer addend, int planes, int count) =>
        _add.Run(At(accumulator, count), At(addend, (long)planes * count), planes, count);

    public void GatherRows(DeviceBuffer input, int width, ReadOnlySpan<int> rows, DeviceBuffer output)
    {
        var source = At(input, 0);
        var target = At(output, (long)rows.Length * width);
        OperandChecks.CheckRows(input, width, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            new ReadOnlySpan<float>(source + (long)rows[i] * width, width).CopyTo(new Span<float>(target + (long)i * width, width));
        }
    }

    public void SummarizeLogits(DeviceBuffer logits, int width, int vocabularyStart, StepBatch batch, int firstRow, int rowCount, StepOutput output) =>
        _logits.Run(At(logits, (long)rowCount * width), width, vocabularyStart, batch, firstRow, rowCount, output);

    public void CompareLogits(DeviceBuffer logits, DeviceBuffer baseline, int width, int rowCount, StepOutput output) =>
        _compare.Run(At(logits, (long)rowCount * width), At(baseline, (long)rowCount * width), width, rowCount, output);

    /// <summary>Operations have ended when they return.</summary>
    public void Synchronize()
    {
    }

    public DeviceLimits? MeasureLimits() => CpuLimits.Measure(Description.Threads);

    public void Dispose()
    {
        _team.Dispose();
        _angles.Dispose();
        _attention.Dispose();
        _matMul.Dispose();
    }

    /// <summary>A buffer's elements, at least <paramref name="count"/> of them.</summary>
    private static float* At(DeviceBuffer buffer, long count)
    {
        OperandChecks.CheckCount(buffer, count);
        return ((CpuBuffer)buffer).Pointer;
    }

    private CpuKvLayer CacheOf(KvCacheShard cache, AttentionShape shape, int layer)
    {
        OperandChecks.CheckCache(cache.Shape, shape, layer);
        _step.CheckFits(cache.Shape);
        return ((CpuKvCache)cache).Layer(layer);
    }
}
