using Cluster.Compute.Collectives;
using Cluster.Compute.Cuda.Attention;
using Cluster.Compute.Cuda.Chains;
using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Cuda.Elementwise;
using Cluster.Compute.Cuda.Logits;
using Cluster.Compute.Cuda.Matrices;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cuda;

/// <summary>A CUDA device: operations are queued on one stream, in call order. Not for several callers at once.</summary>
internal sealed unsafe class CudaDevice : IDevice
{
    private readonly StagingMemory _staging;
    private readonly ElementwiseKernels _elementwise;
    private readonly CudaStep _step;
    private readonly MatMulOperation _matMul;
    private readonly ChainRecorder _chain;
    private readonly AttentionOperation _attention;
    private readonly LogitsOperation _logits;
    private readonly CudaMatrixLoader _loader;
    private readonly FormatKernels<WeightKernels> _weightKernels;
    private readonly Dictionary<(KvLayerFormat, int, int), CacheKernels> _cacheKernels = [];

    /// <summary>An addition that waits for the norm that will most likely follow, to be done by it.</summary>
    private (CudaBuffer Accumulator, CudaBuffer Addend, int Count, KernelWork Work)? _addition;

    private DeferredNorm? _norm;

    /// <summary>What the deferred norm has to do.</summary>
    private KernelWork _normWork;

    public CudaDevice(CudaContext context, DeviceDescription description)
    {
        Context = context;
        Description = description;
        Communicators = new NcclCommunicators(this);
        context.Enter();
        _staging = new StagingMemory(context);
        _elementwise = new ElementwiseKernels(context);
        Activations = new ActivationCache(context);
        Rows = new ScratchMemory(context);
        _step = new CudaStep(context, _staging, _elementwise);
        _matMul = new MatMulOperation(context, Activations);
        _chain = new ChainRecorder(context);
        _attention = new AttentionOperation(context, _step, Activations);
        _logits = new LogitsOperation(context, _staging);
        _loader = new CudaMatrixLoader(context);
        _weightKernels = new FormatKernels<WeightKernels>(type => new WeightKernels(context, type));
    }

    public DeviceDescription Description { get; }

    public IDeviceCommunicators? Communicators { get; }

    public CudaContext Context { get; }

    /// <summary>Quantized activations.</summary>
    public ActivationCache Activations { get; }

    /// <summary>Rows of a cache on their way in or out.</summary>
    public ScratchMemory Rows { get; }

    public DeviceBuffer Allocate(long count)
    {
        Context.Enter();
        return new CudaBuffer(this, count);
    }

    public Matrix LoadMatrix(MatrixSource source)
    {
        Finish();
        return _loader.Load(source, _weightKernels.Of(source.Type));
    }

    public EmbeddingTable LoadEmbedding(MatrixSource source)
    {
        Finish();
        return new CudaEmbeddingTable(Context, _staging, _weightKernels.Of(source.Type), source);
    }

    public KvCacheShard CreateKvCache(KvCacheShape shape, IOutputGrams? outputGrams)
    {
        Finish();
        shape.Validate();
        CacheTypes.Check(shape, "cuda");
        return new CudaKvCache(this, shape, outputGrams);
    }

    public CacheKernels CacheKernels(KvLayerFormat format, int headDim, int blockTokens)
    {
        // Rotations are told to kernels, not compiled in.
        format = new KvLayerFormat(format.KeyType, format.ValueType);
        if (!_cacheKernels.TryGetValue((format, headDim, blockTokens), out var kernels))
            _cacheKernels[(format, headDim, blockTokens)] = kernels = new CacheKernels(Context, format, headDim, blockTokens);
        return kernels;
    }

    public void BeginStep(StepBatch batch, RotaryTable rotary)
    {
        Finish();
        _attention.EndStep();
        _loader.Release();
        _step.Begin(batch, rotary);
    }

    public void Embed(EmbeddingTable table, ReadOnlySpan<int> tokenIds, DeviceBuffer output)
    {
        Finish();
        ((CudaEmbeddingTable)table).Embed(tokenIds, Written(output, (long)tokenIds.Length * table.Columns));
    }

    public void RmsNorm(DeviceBuffer input, DeviceBuffer gain, float epsilon, int tokens, DeviceBuffer output)
    {
        if (_norm is not null) Finish();
        var width = (int)gain.Count;
        var source = Buffer(input, (long)tokens * width);
        var target = Written(output, (long)tokens * width);
        var norm = new DeferredNorm(source, Buffer(gain, width), epsilon, tokens, target);
        var work = Context.Timer.Work((2L * tokens + 1) * width * sizeof(float));
        if (_addition is null && source != target && tokens <= WeightKernels.MostTokens) (_norm, _normWork) = (norm, work);
        else Normalize(norm, work, TakeAddition(source, (long)tokens * width));
    }

    private void Normalize(DeferredNorm norm, KernelWork work, ulong addend)
    {
        var (tokens, target, width, epsilon) = (norm.Tokens, norm.Output, (int)norm.Gain.Count, norm.Epsilon);
        if (addend != 0)
        {
            Activations.Forget(norm.Input);
            work = work.With(2L * tokens * width * sizeof(float));
        }

        var gains = norm.Gain.Address;
        var (from, to) = (norm.Input.Address, target.Address);
        var threads = ElementwiseKernels.NormThreads(width);
        if (width % ActivationCache.BlockColumns == 0 && width <= ElementwiseKernels.MostNormColumns && tokens <= MatMulOperation.MostVectorTokens)
        {
            var quantized = Activations.Prepare(target, width, tokens);
            _elementwise.RmsNormQuantize.Launch(tokens, 1, 1, threads, new KernelArguments { from, addend, gains, epsilon, width, to, quantized }, work);
        }
        else
        {
            _elementwise.RmsNorm.Launch(tokens, 1, 1, threads, new KernelArguments { from, addend, gains, epsilon, width, to }, work);
        }
    }

    public void MatMul(ReadOnlySpan<Matrix> matrices, DeviceBuffer input, int tokens, DeviceBuffer output)
    {
        var width = 0;
        foreach (var matrix in matrices) width += matrix.Rows;
        var source = Buffer(input, (long)tokens * matrices[0].Columns);
        var target = Written(output, (long)tokens * width);
        FinishAddition();
        if (tokens > 0 && _chain.TryMultiply(matrices, source, Activations.Find(source, matrices[0].Columns, tokens), _norm, tokens, width, target))
        {
            _norm = null;
            return;
        }

        Finish();
        _matMul.Run(matrices, source, tokens, target);
    }

    /// <summary>Sums are not rounded to what every split gives alike; a second plane, which CPU ranks beside this one have, is zero.</summary>
    public void MatMulRowParallel(Matrix matrix, DeviceBuffer input, DeviceBuffer residual, int tokens, DeviceBuffer output)
    {
        MatMul([matrix], input, tokens, output);
        var count = (long)tokens * matrix.Rows;
        var target = Buffer(output, matrix.SumPlanes * count).Address + (ulong)(count * sizeof(float));
        if (matrix.SumPlanes > 1) Context.Clear(target, (matrix.SumPlanes - 1) * count * sizeof(float));
    }

    public void RotateAndAppend(DeviceBuffer qkv, AttentionShape shape, KvCacheShard cache, int layer)
    {
        Finish();
        OperandChecks.CheckRotation(_step.RotaryPairs, shape);
        _attention.RotateAndAppend(Written(qkv, (long)_step.TokenCount * shape.QkvWidth), shape, CacheOf(cache, shape, layer), layer);
    }

    public void Attention(DeviceBuffer qkv, AttentionShape shape, KvCacheShard cache, int layer, DeviceBuffer output, int outputWidth, int outputOffset)
    {
        OperandChecks.CheckColumns(shape.HeadCount * shape.HeadDim, outputWidth, outputOffset);
        var (source, target) = (Buffer(qkv, (long)_step.TokenCount * shape.QkvWidth), Buffer(output, (long)_step.TokenCount * outputWidth));
        var shard = CacheOf(cache, shape, layer);
        if (!_attention.IsPending(source, shape, shard, layer)) Finish();
        Activations.Forget(target);
        _attention.Attend(source, shape, shard, layer, target, outputWidth, outputOffset);
    }

    public void SwiGlu(DeviceBuffer gateUp, int width, int tokens, DeviceBuffer output, int outputWidth, int outputOffset)
    {
        OperandChecks.CheckColumns(width, outputWidth, outputOffset);
        var pair = Buffer(gateUp, 2L * tokens * width);
        var target = Written(output, (long)tokens * outputWidth);
        if (_norm is null && outputWidth == width && _chain.TryGate(pair, width, tokens, target)) return;
        Finish();
        var source = pair.Address;
        var work = Context.Timer.Work(3L * tokens * width * sizeof(float));
        if (outputWidth == width && width % ActivationCache.BlockColumns == 0 && tokens <= MatMulOperation.MostVectorTokens)
        {
            var quantized = Activations.Prepare(target, width, tokens);
            _elementwise.SwiGluQuantize.LaunchItems((long)width * tokens / 4, new KernelArguments { source, width, tokens, target.Address, quantized }, work);
        }
        else
        {
            _elementwise.SwiGlu.LaunchItems(
                (long)width * tokens, new KernelArguments { source, width, tokens, target.Address, outputWidth, outputOffset }, work);
        }
    }

    public void Add(DeviceBuffer accumulator, DeviceBuffer addend, int planes, int count)
    {
        var (target, source) = (Written(accumulator, count), Buffer(addend, (long)planes * count));
        if (planes == 1 && _norm is null && _chain.TryAdd(target, source, count)) return;
        Finish();
        var work = Context.Timer.Work((planes + 2L) * count * sizeof(float));
        if (planes == 1) _addition = (target, source, count, work);
        else Add(target, source, planes, count, work);
    }

    /// <summary>
    /// Puts off a sum over the ranks of a group, in place. Where an addition of all of it follows, the sum itself is kept nowhere: only its result is.
    /// </summary>
    public void Sum(PeerExchange exchange, CudaBuffer values, int count)
    {
        if (_norm is not null || _addition is not null) Finish();
        _chain.Sum(exchange, Written(values, count), count, Context.Timer.Work(2L * count * sizeof(float)));
    }

    public void GatherRows(DeviceBuffer input, int width, ReadOnlySpan<int> rows, DeviceBuffer output)
    {
        Finish();
        var target = Written(output, (long)rows.Length * width).Address;
        var source = Buffer(input, 0);
        OperandChecks.CheckRows(input, width, rows);
        var blocks = Math.Min(16, (width + CudaKernel.Threads - 1) / CudaKernel.Threads);
        for (var first = 0; first < rows.Length; first += CudaKernel.MostGridRows)
        {
            var part = rows.Slice(first, Math.Min(CudaKernel.MostGridRows, rows.Length - first));
            var list = _staging.Take<int>(part.Length);
            part.CopyTo(new Span<int>(list, part.Length));
            _elementwise.GatherRows.Launch(
                blocks, part.Length, 1, CudaKernel.Threads,
                new KernelArguments { source.Address, width, (nint)list, target + (ulong)((long)first * width * sizeof(float)) },
                Context.Timer.Work(2L * part.Length * width * sizeof(float)));
        }
    }

    public void SummarizeLogits(DeviceBuffer logits, int width, int vocabularyStart, StepBatch batch, int firstRow, int rowCount, StepOutput output)
    {
        Finish();
        _logits.Summarize(Buffer(logits, (long)rowCount * width), width, vocabularyStart, batch, firstRow, rowCount, output);
    }

    public void CompareLogits(DeviceBuffer logits, DeviceBuffer baseline, int width, int rowCount, StepOutput output)
    {
        Finish();
        _logits.Compare(Buffer(logits, (long)rowCount * width), Buffer(baseline, (long)rowCount * width), width, rowCount, output);
    }

    /// <summary>What the step leaves to be done behind it is not waited for.</summary>
    public void Synchronize()
    {
        Wait();
        _attention.EndStep();
    }

    /// <summary>Waits for what was queued, within a step or at its end.</summary>
    public void Wait()
    {
        Finish();
        Context.Synchronize();
        _staging.Release();
    }

    /// <summary>The cache is about to go.</summary>
    public void Forget(CudaKvCache cache)
    {
        Wait();
        _attention.Forget(cache);
    }

    /// <summary>Whether sums of a group are put off.</summary>
    public bool PutsOff(PeerExchange exchange) => _chain.PutsOff(exchange);

    /// <summary>The group has ended: what was put off of its sums is dropped.</summary>
    public void Forget(PeerExchange exchange) => _chain.Forget(exchange);

    /// <summary>Queues what was put off, on the calling thread's behalf.</summary>
    public void Finish()
    {
        Context.Enter();
        FinishAddition();
        _chain.Launch();
        _attention.Append();
        if (_norm is not { } norm) return;
        _norm = null;
        Normalize(norm, _normWork, addend: 0);
    }

    public IKernelTimer KernelTimer => Context.Timer;

    public DeviceLimits? MeasureLimits() => CudaLimits.Measure(Context.Info, Context.Cache);

    public void Dispose()
    {
        Context.Enter();
        Context.Synchronize();
        (_addition, _norm) = (null, null);
        _loader.Dispose();
        _logits.Dispose();
        _attention.Dispose();
        _matMul.Dispose();
        _chain.Dispose();
        _step.Dispose();
        Rows.Dispose();
        Activations.Dispose();
        _staging.Dispose();
        Context.Dispose();
    }

    private void FinishAddition()
    {
        if (_addition is not { } addition) return;
        _addition = null;
        Context.Enter();
        Add(addition.Accumulator, addition.Addend, 1, addition.Count, addition.Work);
    }

    private void Add(CudaBuffer accumulator, CudaBuffer addend, int planes, int count, KernelWork work) =>
        _elementwise.Add.LaunchItems(count, new KernelArguments { accumulator.Address, addend.Address, planes, count }, work);

    /// <summary>A buffer of at least <paramref name="count"/> elements.</summary>
    private static CudaBuffer Buffer(DeviceBuffer buffer, long count)
    {
        OperandChecks.CheckCount(buffer, count);
        return (CudaBuffer)buffer;
    }

    /// <summary>The same of a buffer that is about to be written to.</summary>
    private CudaBuffer Written(DeviceBuffer buffer, long count)
    {
        var result = Buffer(buffer, count);
        _attention.Append();
        Activations.Forget(result);
        return result;
    }

    /// <summary>The addend of the addition that waits, if it is to the first <paramref name="count"/> elements of <paramref name="accumulator"/>; else it is done, and 0.</summary>
    private ulong TakeAddition(CudaBuffer accumulator, long count)
    {
        if (_addition is not { } addition || addition.Accumulator != accumulator || addition.Count != count)
        {
            Finish();
            return 0;
        }

        Context.Enter();
        _addition = null;
        return addition.Addend.Address;
    }

    private CudaKvCache CacheOf(KvCacheShard cache, AttentionShape shape, int layer)
    {
        OperandChecks.CheckCache(cache.Shape, shape, layer);
        _step.CheckFits(cache.Shape);
        return (CudaKvCache)cache;
    }
}
