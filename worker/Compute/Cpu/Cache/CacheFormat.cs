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

    /// <summary>Quantizes rows into their slots, with regard to what their errors cost where that is known.</summary>
    /// <param name="rows">The rows, one after the other.</param>
    /// <param name="slots">Where each of them belongs.</param>
    /// <param name="weights">What errors cost.</param>
    public void Write(ReadOnlySpan<float> rows, ReadOnlySpan<CacheSlot> slots, OutputWeights? weights = null)
    {
        var headDim = rows.Length / slots.Length;
        var rowBytes = (int)_trait.BytesFor(headDim);
        var blocks = stackalloc byte[slots.Length * rowBytes];
        RowQuantizer.Quantize(_trait, rows, slots.Length, new Span<byte>(blocks, slots.Length * rowBytes), weights);
        for (var i = 0; i < slots.Length; i++) Store(slots[i].Group, slots[i].Slot, blocks + i * rowBytes, headDim);
    }

    /// <summary>Puts a row of <paramref name="headDim"/> elements, blocks in file format, into a slot.</summary>
    public abstract void Store(byte* group, int slot, byte* row, int headDim);

    /// <summary>Takes a row out as <see cref="Store"/> put it in.</summary>
    public abstract void Load(byte* group, int slot, byte* row, int headDim);
}
