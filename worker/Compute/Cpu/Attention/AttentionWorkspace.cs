using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>
/// One thread's scratch for a work item: its rows (query tokens × query heads of one KV head), one tile of cached tokens, and the running
/// softmax of each row. Sized for L2; nothing in it grows with the context.
/// </summary>
internal sealed unsafe class AttentionWorkspace : IDisposable
{
    /// <summary>Cached tokens scored before their values are added.</summary>
    public const int TileTokens = 64;

    /// <summary>Groups of a tile.</summary>
    public const int TileGroups = TileTokens / CpuKvCache.GroupTokens;

    /// <summary>Stands for minus infinity in running maxima, so that differences of two stay numbers.</summary>
    public const float NoScore = -1e38f;

    private readonly ScratchMemory _memory = new();
    private float* _merged;

    public int HeadDim { get; private set; }

    /// <summary><see cref="HeadDim"/> rounded up to whole steps of lanes; width of <see cref="Output"/>.</summary>
    public int PaddedDim { get; private set; }

    /// <summary>Rows of the current work item.</summary>
    public int Rows { get; set; }

    /// <summary>Queries, <see cref="HeadDim"/> elements a row: f32, or int16 in the first half.</summary>
    public float* Queries { get; private set; }

    /// <summary>Sums of int16 queries over each block of 32 elements.</summary>
    public int* QuerySums { get; private set; }

    /// <summary>What a row's products become scores by; scores are in units of log2.</summary>
    public float* RowScale { get; private set; }

    /// <summary>Tokens that a row sees: positions below this.</summary>
    public int* Limit { get; private set; }

    /// <summary>Scores, then probabilities relative to the tile's largest: <see cref="TileTokens"/> a row.</summary>
    public float* Scores { get; private set; }

    /// <summary>Tokens of this tile that the row sees.</summary>
    public int* Visible { get; private set; }

    /// <summary>Largest score of the row in this tile.</summary>
    public float* TileMax { get; private set; }

    /// <summary>Sum of the row's probabilities in this tile.</summary>
    public float* TileSum { get; private set; }

    /// <summary>What the row's output so far is multiplied with.</summary>
    public float* Keep { get; private set; }

    /// <summary>What the tile's part is multiplied with before it is added.</summary>
    public float* Weight { get; private set; }

    /// <summary>Largest score of the row so far in this range of the context.</summary>
    public float* Max { get; private set; }

    /// <summary>Sum of the row's probabilities so far, relative to <see cref="Max"/>.</summary>
    public float* Sum { get; private set; }

    /// <summary>Unnormalized outputs, <see cref="PaddedDim"/> a row.</summary>
    public float* Output { get; private set; }

    /// <summary>Decoded f32 keys of a group, in cache order.</summary>
    public float* Keys { get; private set; }

    /// <summary>The tile's groups of keys.</summary>
    public byte** KeyGroups { get; private set; }

    /// <summary>The tile's groups of values.</summary>
    public byte** ValueGroups { get; private set; }

    /// <summary>The next tile's groups of keys.</summary>
    public byte** NextKeyGroups { get; private set; }

    /// <summary>The next tile's groups of values.</summary>
    public byte** NextValueGroups { get; private set; }

    /// <summary>Decoded f32 values of the tile, <see cref="PaddedDim"/> a token.</summary>
    public float* Values { get; private set; }

    /// <summary>Scales of the tile's values for one block of elements.</summary>
    public float* ValueScales { get; private set; }

    /// <summary>The same in units of a weight's code, as the rows that are being weighed need them.</summary>
    public float* WeightScales { get; private set; }

    /// <summary>Minimums of the tile's values for one block of elements.</summary>
    public float* ValueMinimums { get; private set; }

    /// <summary>Four rows of a tile's probabilities times value scales, as int16.</summary>
    public short* Weights { get; private set; }

    /// <summary>What a unit of each row's weights stands for.</summary>
    public float* WeightUnits { get; private set; }

    /// <summary>The sum of each row's weights.</summary>
    public int* WeightSums { get; private set; }

    /// <summary>Sums of probabilities times minimums of the same four rows.</summary>
    public float* WeightMinimums { get; private set; }

    /// <summary>Tokens up to which a tile's weights are defined, and 0 past its last token: whole vectors of int16.</summary>
    public static int PadTokens(int count) => (count + 2 * Lanes.Unit - 1) / (2 * Lanes.Unit) * (2 * Lanes.Unit);

    /// <summary>
    /// Makes room for work items of up to <paramref name="rows"/> rows, or <paramref name="mergedRows"/> where ranges are merged.
    /// </summary>
    public void Reserve(int rows, int mergedRows, int headDim)
    {
        HeadDim = headDim;
        PaddedDim = RoundUp(headDim);
        rows = RoundUp(rows);
        var blocks = (headDim + ICodeFormat.BlockSize - 1) / ICodeFormat.BlockSize;
        var layout = new ScratchLayout();
        var queries = layout.Add(rows * headDim);
        var querySums = layout.Add(rows * blocks);
        var scores = layout.Add(rows * TileTokens);
        var output = layout.Add(rows * PaddedDim);
        var keys = layout.Add(CpuKvCache.GroupTokens * headDim);
        var values = layout.Add(TileTokens * PaddedDim);
        var groups = layout.Add(4 * TileGroups * (sizeof(byte*) / sizeof(float)));
        var valueScales = layout.Add(TileTokens);
        var weightScales = layout.Add(TileTokens);
        var valueMinimums = layout.Add(TileTokens);
        var weights = layout.Add(4 * TileTokens / 2);
        var weightUnits = layout.Add(4);
        var weightSums = layout.Add(4);
        var weightMinimums = layout.Add(4);
        var perRow = layout.Add(9 * rows);
        var merged = layout.Add(mergedRows * PartialResult.Floats(headDim));
        var memory = (float*)_memory.Reserve(layout.Floats * sizeof(float));
        Queries = memory + queries;
        QuerySums = (int*)(memory + querySums);
        Scores = memory + scores;
        Output = memory + output;
        Keys = memory + keys;
        Values = memory + values;
        ValueScales = memory + valueScales;
        WeightScales = memory + weightScales;
        ValueMinimums = memory + valueMinimums;
        KeyGroups = (byte**)(memory + groups);
        ValueGroups = KeyGroups + TileGroups;
        NextKeyGroups = KeyGroups + 2 * TileGroups;
        NextValueGroups = KeyGroups + 3 * TileGroups;
        Weights = (short*)(memory + weights);
        WeightUnits = memory + weightUnits;
        WeightSums = (int*)(memory + weightSums);
        WeightMinimums = memory + weightMinimums;
        RowScale = memory + perRow;
        Limit = (int*)(RowScale + rows);
        TileMax = RowScale + 2 * rows;
        TileSum = RowScale + 3 * rows;
        Keep = RowScale + 4 * rows;
        Weight = RowScale + 5 * rows;
        Max = RowScale + 6 * rows;
        Sum = RowScale + 7 * rows;
        Visible = (int*)(RowScale + 8 * rows);
        _merged = memory + merged;
    }

    /// <summary>Where the ranges of row <paramref name="row"/> are merged.</summary>
    public PartialResult Merged(int row) => new(_merged + row * PartialResult.Floats(HeadDim));

    /// <summary>Forgets what the rows have seen.</summary>
    public void BeginRange()
    {
        new Span<float>(Max, Rows).Fill(NoScore);
        new Span<float>(Sum, Rows).Clear();
        new Span<float>(Output, Rows * PaddedDim).Clear();
    }

    /// <summary>Goes on to the next tile's groups.</summary>
    public void Advance()
    {
        var (keys, values) = ((nint)KeyGroups, (nint)ValueGroups);
        KeyGroups = NextKeyGroups;
        ValueGroups = NextValueGroups;
        NextKeyGroups = (byte**)keys;
        NextValueGroups = (byte**)values;
    }

    public void Dispose() => _memory.Dispose();

    private static int RoundUp(int count) => (count + Lanes.Unit - 1) / Lanes.Unit * Lanes.Unit;
}
