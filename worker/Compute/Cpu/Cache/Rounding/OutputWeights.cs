using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Memory;

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

    /// <summary>G of rotated values, damped: headDim × headDim.</summary>
    public ReadOnlySpan<float> Gram => new(_gram, _headDim * _headDim);

    /// <summary>What each error pulls later elements by: row j is what choosing element j adds to.</summary>
    public ReadOnlySpan<float> Feedback => new(_feedback, _headDim * _headDim);

    /// <summary>1 / the diagonal of <see cref="Gram"/>.</summary>
    public ReadOnlySpan<float> InverseDiagonal => new(_inverseDiagonal, _headDim);

    /// <summary>Chooses the codes of a row.</summary>
    /// <param name="x">The row.</param>
    /// <param name="scales">Of its blocks.</param>
    /// <param name="codes">Receives the codes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Round<TLevels>(float* x, BlockScale* scales, byte* codes)
        where TLevels : struct, ILevels
    {
        var errors = stackalloc float[_headDim];
        var pulls = stackalloc float[_headDim];
        var gradient = stackalloc float[_headDim];
        new Span<float>(pulls, _headDim).Clear();
        new Span<float>(gradient, _headDim).Clear();
        for (var i = 0; i < _headDim; i++)
        {
            errors[i] = Choose<TLevels>(x[i] - pulls[i], x[i], scales[i / ICodeFormat.BlockSize], codes + i);
            AddScaled(pulls, _feedback + i * _headDim, errors[i], i + 1);
            AddScaled(gradient, _gram + i * _headDim, errors[i], 0);
        }

        for (var i = 0; i < _headDim; i++)
        {
            var code = codes[i];
            var error = Choose<TLevels>(x[i] + errors[i] - gradient[i] * _inverseDiagonal[i], x[i], scales[i / ICodeFormat.BlockSize], codes + i);
            if (code != codes[i]) AddScaled(gradient, _gram + i * _headDim, error - errors[i], 0);
            errors[i] = error;
        }
    }

    public void Dispose() => _memory.Dispose();

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
