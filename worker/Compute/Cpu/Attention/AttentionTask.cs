using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>
/// Causal grouped-query attention over the paged cache, flash-style (Dao et al. 2022): a work item streams once through its part of the
/// context, a tile of tokens at a time, decoding each key and value once for all its rows. Ranges of the context are merged in order, by
/// the item that goes through all of them or by whoever finishes the last one.
/// </summary>
internal sealed unsafe class AttentionTask : TeamTask, IDisposable
{
    /// <summary>Multiplications below which waking the team costs more than it saves.</summary>
    private const long InlineMultiplications = 50_000;

    private readonly ThreadTeam _team;
    private readonly StepState _step;
    private readonly AttentionPlan _plan = new();
    private readonly AttentionWorkspace[] _workspaces;
    private readonly ScratchMemory _partials = new();
    private readonly ScratchMemory _finished = new();
    private float* _partialResults;
    private int* _finishedRanges;
    private float* _qkv;
    private float* _output;
    private AttentionShape? _shape;
    private CpuKvLayer? _cache;
    private int _outputWidth;
    private int _nextItem;

    public AttentionTask(ThreadTeam team, StepState step)
    {
        (_team, _step) = (team, step);
        _workspaces = new AttentionWorkspace[team.ThreadCount];
        for (var i = 0; i < _workspaces.Length; i++) _workspaces[i] = new AttentionWorkspace();
    }

    /// <summary>Head h of token t goes to output[t · outputWidth + h · HeadDim].</summary>
    public void Run(float* qkv, AttentionShape shape, CpuKvLayer cache, float* output, int outputWidth)
    {
        _qkv = qkv;
        _shape = shape;
        _cache = cache;
        _output = output;
        _outputWidth = outputWidth;
        _plan.Update(_step, shape, PartialResult.Floats(shape.HeadDim));
        foreach (var workspace in _workspaces) workspace.Reserve(_plan.MaxRows, _plan.MaxMergedRows, shape.HeadDim);
        _partialResults = (float*)_partials.Reserve(_plan.PartialFloats * sizeof(float));
        _finishedRanges = (int*)_finished.Reserve(_plan.SplitOutputs * sizeof(int));
        new Span<int>(_finishedRanges, _plan.SplitOutputs).Clear();
        _nextItem = 0;
        if (_plan.Scores * shape.HeadDim <= InlineMultiplications) Execute(0, 1);
        else _team.Run(this);
    }

    public override void Execute(int thread, int threads)
    {
        var workspace = _workspaces[thread];
        var items = _plan.Items.Span;
        for (var i = Interlocked.Increment(ref _nextItem) - 1; i < items.Length; i = Interlocked.Increment(ref _nextItem) - 1)
        {
            ref readonly var item = ref items[i];
            Attend(workspace, item);
            if (item.Range >= 0) WritePartials(workspace, item);
            else WriteOutputs(workspace, item);
        }
    }

    public void Dispose()
    {
        foreach (var workspace in _workspaces) workspace.Dispose();
        _partials.Dispose();
        _finished.Dispose();
    }

    private void Attend(AttentionWorkspace workspace, in AttentionItem item)
    {
        LoadRows(workspace, item);
        LocateNextTile(workspace, item, item.Start);
        for (var start = item.Start; start < item.End; start += AttentionPlan.RangeTokens)
        {
            workspace.BeginRange();
            AttendRange(workspace, item, start, Math.Min(item.End, start + AttentionPlan.RangeTokens));
            if (item.Range < 0 && item.RangeCount > 1) MergeRange(workspace, start == item.Start);
        }
    }

    private void AttendRange(AttentionWorkspace workspace, in AttentionItem item, int start, int end)
    {
        for (; start < end; start += AttentionWorkspace.TileTokens)
        {
            var count = Math.Min(AttentionWorkspace.TileTokens, end - start);
            workspace.Advance();
            ScoreTile(workspace, count, LocateNextTile(workspace, item, start + AttentionWorkspace.TileTokens));
            TileSoftmax.Apply(workspace, start, count);
            _cache!.Values.Accumulate(workspace, count);
        }
    }

    /// <summary>Adds the range that was gone through to those before it.</summary>
    private static void MergeRange(AttentionWorkspace workspace, bool first)
    {
        for (var row = 0; row < workspace.Rows; row++)
        {
            var merged = workspace.Merged(row);
            if (first) WritePartial(workspace, row, merged);
            else merged.Merge(workspace.Max[row], workspace.Sum[row], workspace.Output + row * workspace.PaddedDim, workspace.HeadDim);
        }
    }

    private static void WritePartial(AttentionWorkspace workspace, int row, PartialResult target) =>
        target.Write(workspace.Max[row], workspace.Sum[row], workspace.Output + row * workspace.PaddedDim, workspace.HeadDim);

    /// <summary>Finds the groups of the tile that begins at <paramref name="start"/>; returns how many it has.</summary>
    private int LocateNextTile(AttentionWorkspace workspace, in AttentionItem item, int start)
    {
        var cache = _cache!;
        var table = _step.BlockTable.Span[_step.Sequences[item.Sequence].FirstBlock..];
        var blockGroups = (uint)(cache.BlockTokens / CpuKvCache.GroupTokens);
        var groups = 0;
        for (; groups < AttentionWorkspace.TileGroups && start < item.End; groups++, start += CpuKvCache.GroupTokens)
        {
            var (block, group) = Math.DivRem((uint)start / CpuKvCache.GroupTokens, blockGroups);
            workspace.NextKeyGroups[groups] = cache.KeyGroup(table[(int)block], item.KvHead, (int)group);
            workspace.NextValueGroups[groups] = cache.ValueGroup(table[(int)block], item.KvHead, (int)group);
        }

        return groups;
    }

    private void LoadRows(AttentionWorkspace workspace, in AttentionItem item)
    {
        var shape = _shape!;
        var group = shape.HeadCount / shape.KvHeadCount;
        workspace.Rows = item.TokenCount * group;
        for (var row = 0; row < workspace.Rows; row++)
        {
            var token = item.FirstToken + row / group;
            var query = _qkv + (long)token * shape.QkvWidth + (item.KvHead * group + row % group) * shape.HeadDim;
            _cache!.Keys.LoadQuery(workspace, row, query, shape.Scale * VectorMath.Log2E);
            workspace.Limit[row] = _step.Positions[token] + 1;
        }
    }

    private void ScoreTile(AttentionWorkspace workspace, int count, int nextGroups)
    {
        var cache = _cache!;
        for (var i = 0; i * CpuKvCache.GroupTokens < count; i++)
        {
            // What the next tile needs is asked for while this one is multiplied.
            if (i < nextGroups)
            {
                Prefetch.Lines(workspace.NextKeyGroups[i], cache.GroupKeyBytes);
                Prefetch.Lines(workspace.NextValueGroups[i], cache.GroupValueBytes);
            }

            cache.Keys.Score(workspace, workspace.KeyGroups[i], i * CpuKvCache.GroupTokens);
        }
    }

    private void WriteOutputs(AttentionWorkspace workspace, in AttentionItem item)
    {
        for (var row = 0; row < workspace.Rows; row++)
        {
            var target = OutputOf(item, row);
            if (item.RangeCount > 1) workspace.Merged(row).Normalize(target, workspace.HeadDim);
            else PartialResult.Normalize(workspace.Output + row * workspace.PaddedDim, workspace.Sum[row], target, workspace.HeadDim);
            RotateBack(target);
        }
    }

    private void WritePartials(AttentionWorkspace workspace, in AttentionItem item)
    {
        var rows = workspace.Rows;
        var partials = _partialResults + item.Partials;
        var rowFloats = PartialResult.Floats(workspace.HeadDim);
        for (var row = 0; row < rows; row++) WritePartial(workspace, row, new PartialResult(partials + ((long)item.Range * rows + row) * rowFloats));
        if (Interlocked.Increment(ref _finishedRanges[item.Output]) < item.RangeCount) return;
        for (var row = 0; row < rows; row++)
        {
            var merged = new PartialResult(partials + (long)row * rowFloats);
            for (var range = 1; range < item.RangeCount; range++)
                merged.Merge(new PartialResult(partials + ((long)range * rows + row) * rowFloats), workspace.HeadDim);
            var target = OutputOf(item, row);
            merged.Normalize(target, workspace.HeadDim);
            RotateBack(target);
        }
    }

    /// <summary>Values were rotated before they were cached, and so are their sums.</summary>
    private void RotateBack(float* head) => HadamardTransform.Apply(head, _shape!.HeadDim, _cache!.Format.ValueRotation);

    private float* OutputOf(in AttentionItem item, int row)
    {
        var shape = _shape!;
        var group = shape.HeadCount / shape.KvHeadCount;
        return _output + (long)(item.FirstToken + row / group) * _outputWidth + (item.KvHead * group + row % group) * shape.HeadDim;
    }
}
