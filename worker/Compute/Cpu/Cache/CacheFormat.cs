using Cluster.Compute.Cpu.Cache.Rounding;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// How rows of one type stand in a group of sixteen. Stateless. Slots (0 to 15) may share bytes: no two slots of a group may be written
/// at once.
/// </summary>
internal abstract unsafe class CacheFormat(TensorType type)
{
    private readonly TensorTrait _trait = TensorTraits.Get(type);

    public TensorType Type => _trait.Type;

    /// <summary>Quantizes a row into slot <paramref name="slot"/> of a group, with regard to what its errors cost where that is known.</summary>
    public void Write(byte* group, int slot, ReadOnlySpan<float> row, OutputWeights? weights = null)
    {
        var bytes = (int)_trait.BytesFor(row.Length);
        var blocks = stackalloc byte[bytes];
        RowQuantizer.Quantize(_trait, row, new Span<byte>(blocks, bytes), weights);
        Store(group, slot, blocks, row.Length);
    }

    /// <summary>Puts a row of <paramref name="headDim"/> elements, blocks in file format, into a slot.</summary>
    public abstract void Store(byte* group, int slot, byte* row, int headDim);

    /// <summary>Takes a row out as <see cref="Store"/> put it in.</summary>
    public abstract void Load(byte* group, int slot, byte* row, int headDim);
}
