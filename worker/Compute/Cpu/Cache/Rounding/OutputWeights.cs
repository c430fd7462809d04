using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.KvCache;

namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>
/// What an error e of one KV head's values costs behind the output projection: eᵀ·G·e, with G the sum of w·wᵀ over the projection's rows
/// of the head's group. Codes are chosen one after the other, each aiming at what the errors so far leave to be made good (the rounding of
/// GPTQ, Frantar et al. 2022, and LDLQ, Chee et al. 2023, here for a cache), then each once more with all others known.
/// </summary>
internal sealed unsafe class OutputWeights : IDisposable
{
    /// <summary>Part of the mean of G's diagonal that is added to it, so that no direction is free.</summary>
    private const double Damping = 1e-3;

    private readonly AlignedMemory _memory;
    private readonly int _headDim;
    private readonly float* _gram;
    private readonly float* _feedback;
    private readonly float* _inverseDiagonal;

    /// <param name="gram">G of values that are not rotated, headDim × headDim.</param>
    /// <param name="headDim">Elements of a value, a multiple of a block's.</param>
    /// <param name="rotation">How values are rotated before they are rounded.</param>
    public OutputWeights(ReadOnlySpan<float> gram, int headDim, int rotation)
    {
        _headDim = headDim;
        var size = headDim * headDim;
        _memory = new AlignedMemory((2L * size + headDim) * sizeof(float));
        _gram = _memory.Floats;
        _feedback = _gram + size;
        _inverseDiagonal = _feedback + size;
        gram.CopyTo(new Span<float>(_gram, size));

        // H·G·H: the rows, then, as G is symmetric, the rows of the transpose.
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < headDim; i++) HadamardTransform.Apply(_gram + i * headDim, headDim, rotation);
            Transpose();
        }

        Dampen();
        Factorize();
    }

    /// <summary>Those of one KV head of a cache.</summary>
    public static OutputWeights Of(IOutputGrams grams, KvCacheShape shape, int layer, int head)
    {
        var gram = new float[shape.HeadDim * shape.HeadDim];
        grams.Compute(layer, head, gram);
        return new OutputWeights(gram, shape.HeadDim, shape.Layers[layer].ValueRotation);
    }

    /// <summary>G of rotated values, damped: headDim × headDim.</summary>
    public ReadOnlySpan<float> Gram => new(_gram, _headDim * _headDim);

    /// <summary>What each error pulls later elements by: row j is what choosing element j adds to.</summary>
    public ReadOnlySpan<float> Feedback => new(_feedback, _headDim * _headDim);

    /// <summary>1 / the diagonal of <see cref="Gram"/>.</summary>
    public ReadOnlySpan<float> InverseDiagonal => new(_inverseDiagonal, _headDim);

    /// <summary>
    /// Chooses the codes of some rows, each as if it were alone. Choosing is one chain of waiting from a row's first element to its last:
    /// rows that are chosen side by side fill each other's gaps.
    /// </summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rows">How many.</param>
    /// <param name="scales">Of the rows' blocks.</param>
    /// <param name="codes">Receives the codes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Round<TLevels>(float* x, int rows, BlockScale* scales, byte* codes)
        where TLevels : struct, ILevels
    {
        var count = rows * _headDim;
        var errors = stackalloc float[count];
        var pulls = stackalloc float[count];
        new Span<float>(pulls, count).Clear();
        for (var i = 0; i < _headDim; i++)
        {
            for (var at = i; at < count; at += _headDim)
            {
                errors[at] = Choose<TLevels>(x[at] - pulls[at], x[at], scales[at / ICodeFormat.BlockSize], codes + at);
                AddScaled(pulls + at - i, _feedback + i * _headDim, errors[at], i + 1);
            }
        }

        // What pulled is not needed any more.
        for (var at = 0; at < count; at += _headDim)
        {
            Multiply(errors + at, pulls + at);
            ChooseAgain<TLevels>(x + at, errors + at, pulls + at, scales + at / ICodeFormat.BlockSize, codes + at);
        }
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Chooses a row's codes once more; <paramref name="gradient"/> is <see cref="Gram"/> times its errors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ChooseAgain<TLevels>(float* x, float* errors, float* gradient, BlockScale* scales, byte* codes)
        where TLevels : struct, ILevels
    {
        for (var i = 0; i < _headDim; i++)
        {
            var code = codes[i];
            var error = Choose<TLevels>(x[i] + errors[i] - gradient[i] * _inverseDiagonal[i], x[i], scales[i / ICodeFormat.BlockSize], codes + i);
            if (code != codes[i]) AddScaled(gradient, _gram + i * _headDim, error - errors[i], 0);
            errors[i] = error;
        }
    }

    /// <summary>product = G · errors, summed in the order of the errors, as many lanes at a time as registers hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Multiply(float* errors, float* product)
    {
        var width = Vector<float>.Count;
        var k = 0;
        for (; k + 8 * width <= _headDim; k += 8 * width)
        {
            Vector<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            var row = _gram + k;
            for (var i = 0; i < _headDim; i++, row += _headDim)
            {
                var error = new Vector<float>(errors[i]);
                s0 = Vector.MultiplyAddEstimate(Vector.Load(row), error, s0);
                s1 = Vector.MultiplyAddEstimate(Vector.Load(row + width), error, s1);
                s2 = Vector.MultiplyAddEstimate(Vector.Load(row + 2 * width), error, s2);
                s3 = Vector.MultiplyAddEstimate(Vector.Load(row + 3 * width), error, s3);
                s4 = Vector.MultiplyAddEstimate(Vector.Load(row + 4 * width), error, s4);
                s5 = Vector.MultiplyAddEstimate(Vector.Load(row + 5 * width), error, s5);
                s6 = Vector.MultiplyAddEstimate(Vector.Load(row + 6 * width), error, s6);
                s7 = Vector.MultiplyAddEstimate(Vector.Load(row + 7 * width), error, s7);
            }

            s0.Store(product + k);
            s1.Store(product + k + width);
            s2.Store(product + k + 2 * width);
            s3.Store(product + k + 3 * width);
            s4.Store(product + k + 4 * width);
            s5.Store(product + k + 5 * width);
            s6.Store(product + k + 6 * width);
            s7.Store(product + k + 7 * width);
        }

        for (; k < _headDim; k += width)
        {
            var sum = Vector<float>.Zero;
            for (var i = 0; i < _headDim; i++) sum = Vector.MultiplyAddEstimate(Vector.Load(_gram + i * _headDim + k), new Vector<float>(errors[i]), sum);
            sum.Store(product + k);
        }
    }

    /// <summary>The code nearest to what is aimed at; returns what its element is above <paramref name="x"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Choose<TLevels>(float target, float x, in BlockScale scale, byte* code)
        where TLevels : struct, ILevels
    {
        var nearest = TLevels.NearestCode((target - scale.Offset) * scale.Inverse);
        *code = (byte)nearest;
        return scale.Scale * TLevels.Level(nearest) + scale.Offset - x;
    }

    /// <summary>target += row · factor, from the vector of <paramref name="from"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddScaled(float* target, float* row, float factor, int from)
    {
        var scale = new Vector<float>(factor);
        for (var i = from & -Vector<float>.Count; i < _headDim; i += Vector<float>.Count)
            Vector.MultiplyAddEstimate(Vector.Load(row + i), scale, Vector.Load(target + i)).Store(target + i);
    }

    private void Transpose()
    {
        for (var i = 0; i < _headDim; i++)
        {
            for (var j = 0; j < i; j++)
            {
                ref var lower = ref _gram[i * _headDim + j];
                ref var upper = ref _gram[j * _headDim + i];
                (lower, upper) = (upper, lower);
            }
        }
    }

    private void Dampen()
    {
        var trace = 0d;
        for (var i = 0; i < _headDim; i++) trace += _gram[i * _headDim + i];
        var added = trace > 0 ? (float)(Damping * trace / _headDim) : 1;
        for (var i = 0; i < _headDim; i++) _inverseDiagonal[i] = 1 / (_gram[i * _headDim + i] += added);
    }

    /// <summary>
    /// eᵀ·G·e = Σ d_i · (e_i + Σ_{j&lt;i} f_ij · e_j)², the last element eliminated first; f_ij is stored in row j, which is what
    /// choosing e_j adds to.
    /// </summary>
    private void Factorize()
    {
        var rest = new double[_headDim * _headDim];
        for (var i = 0; i < rest.Length; i++) rest[i] = _gram[i];
        new Span<float>(_feedback, rest.Length).Clear();
        for (var i = _headDim - 1; i >= 0; i--)
        {
            var row = rest.AsSpan(i * _headDim, i);
            var pivot = rest[i * _headDim + i];
            for (var j = 0; j < i; j++)
            {
                var factor = row[j] / pivot;
                _feedback[j * _headDim + i] = (float)factor;
                for (var k = 0; k <= j; k++) rest[j * _headDim + k] -= factor * row[k];
            }
        }
    }
}
