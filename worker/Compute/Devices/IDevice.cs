using Cluster.Compute.Collectives;
using Cluster.Compute.KvCache;
using Cluster.Compute.Steps;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Devices;

/// <summary>
/// One compute device and the fused operations that a transformer shard needs of it. Activations are f32 and row-major, one row a
/// token; operations run in call order. Every operation has a scalar reference in <c>Cluster.Compute.Reference</c> that each device
/// is tested against. No operation allocates after the buffers of its largest step exist.
/// </summary>
public interface IDevice : IDisposable
{
    DeviceDescription Description { get; }

    /// <summary>Groups with other devices of the host, whose sums need no host; null for a device that knows none.</summary>
    IDeviceCommunicators? Communicators => null;

    /// <summary>A zeroed f32 buffer of <paramref name="count"/> elements.</summary>
    DeviceBuffer Allocate(long count);

    /// <summary>Takes a matrix cut out of a tensor into the layout that this device multiplies with.</summary>
    Matrix LoadMatrix(MatrixSource source);

    /// <summary>Takes a table whose rows are looked up by token id, in place where the device can.</summary>
    EmbeddingTable LoadEmbedding(MatrixSource source);

    /// <summary>Makes the zeroed cache of one shard: every layer, this rank's KV heads.</summary>
    /// <param name="shape">What it holds.</param>
    /// <param name="outputGrams">What values of few bits are rounded by; null to round each element to the nearest.</param>
    KvCacheShard CreateKvCache(KvCacheShape shape, IOutputGrams? outputGrams = null);

    /// <summary>
    /// Begins a step: takes token positions and block tables and computes this step's rotary cosines and sines once for all layers.
    /// </summary>
    void BeginStep(StepBatch batch, RotaryTable rotary);

    /// <summary><paramref name="output"/>[t] = table row of <paramref name="tokenIds"/>[t], dequantized.</summary>
    void Embed(EmbeddingTable table, ReadOnlySpan<int> tokenIds, DeviceBuffer output);

    /// <summary>output[t] = input[t] / sqrt(mean(input[t]²) + epsilon) · gain, over rows as wide as <paramref name="gain"/>.</summary>
    void RmsNorm(DeviceBuffer input, DeviceBuffer gain, float epsilon, int tokens, DeviceBuffer output);

    /// <summary>
    /// output[t] = input[t] · Wᵀ (+ bias) for several matrices that share one input; their outputs stand side by side in each output
    /// row, whose width is the sum of the matrices' <see cref="Matrix.Rows"/>. Input rows are <see cref="Matrix.Columns"/> wide.
    /// </summary>
    void MatMul(ReadOnlySpan<Matrix> matrices, DeviceBuffer input, int tokens, DeviceBuffer output);

    /// <summary>
    /// The product of one row-parallel matrix: this rank's part of a sum over ranks that is then added to <paramref name="residual"/>, in
    /// <see cref="Matrix.SumPlanes"/> planes of <paramref name="tokens"/> rows each. The parts are such that, where ranks exchange f32, their
    /// sum does not depend, to the last bit, on how columns were cut, as far as cuts keep to blocks of 32.
    /// </summary>
    void MatMulRowParallel(Matrix matrix, DeviceBuffer input, DeviceBuffer residual, int tokens, DeviceBuffer output);

    /// <summary>
    /// Rotates queries (in place) and keys of <paramref name="qkv"/> by their positions and appends keys and values, quantized to the
    /// layer's types, to <paramref name="layer"/>'s blocks. Rows of <paramref name="qkv"/> are [queries | keys | values]. Where the layer's
    /// format says so, queries, keys and values are first rotated over their elements (<see cref="HadamardSize"/>), in place. All this may be
    /// left to the <see cref="Attention"/> of the same rows if nothing else is asked for before it; they then stay as they are.
    /// </summary>
    void RotateAndAppend(DeviceBuffer qkv, AttentionShape shape, KvCacheShard cache, int layer);

    /// <summary>
    /// Causal grouped-query attention of the step's queries over their sequences' cached keys and values. Head h of token t is written
    /// to output[t · outputWidth + outputOffset + h · HeadDim], a value rotation undone; the rest of the row is left as it is.
    /// </summary>
    void Attention(DeviceBuffer qkv, AttentionShape shape, KvCacheShard cache, int layer, DeviceBuffer output, int outputWidth, int outputOffset);

    /// <summary>output[t · outputWidth + outputOffset + i] = silu(gate[t, i]) · up[t, i]; rows of <paramref name="gateUp"/> are [gate | up].</summary>
    void SwiGlu(DeviceBuffer gateUp, int width, int tokens, DeviceBuffer output, int outputWidth, int outputOffset);

    /// <summary>accumulator[i] += Σ addend[plane · count + i] over planes, for the first <paramref name="count"/> elements.</summary>
    void Add(DeviceBuffer accumulator, DeviceBuffer addend, int planes, int count);

    /// <summary>output[i] = row <paramref name="rows"/>[i] of input, rows <paramref name="width"/> wide.</summary>
    void GatherRows(DeviceBuffer input, int width, ReadOnlySpan<int> rows, DeviceBuffer output);

    /// <summary>
    /// Reduces this rank's logits of rows [<paramref name="firstRow"/>, + <paramref name="rowCount"/>) of
    /// <see cref="StepBatch.LogitsRows"/> (the first of them is row 0 of <paramref name="logits"/>, each as wide as this rank's part of
    /// the vocabulary, which begins at <paramref name="vocabularyStart"/>) to what leaves the rank, appended to
    /// <paramref name="output"/>: log-sum-exp, best candidates, requested logits.
    /// </summary>
    void SummarizeLogits(DeviceBuffer logits, int width, int vocabularyStart, StepBatch batch, int firstRow, int rowCount, StepOutput output);

    /// <summary>
    /// Compares rows of this rank's logits with a baseline's, both <paramref name="width"/> wide, in f64; a
    /// <see cref="LogitsDivergence"/> for each row is appended to <paramref name="output"/>.
    /// </summary>
    void CompareLogits(DeviceBuffer logits, DeviceBuffer baseline, int width, int rowCount, StepOutput output);

    /// <summary>Waits until every operation queued so far has ended.</summary>
    void Synchronize();

    /// <summary>The same in the midst of a step, which goes on.</summary>
    void Wait() => Synchronize();

    /// <summary>Takes the time of kernels; null where operations are over when they return, and the caller's clock tells all.</summary>
    IKernelTimer? KernelTimer => null;

    /// <summary>
    /// Measures what the device does at most, in a fraction of a second; from any thread, and true only while nothing else runs. Null where the
    /// device has no such measurement.
    /// </summary>
    DeviceLimits? MeasureLimits() => null;
}
