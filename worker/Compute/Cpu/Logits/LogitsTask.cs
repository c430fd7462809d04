using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Cpu.Logits;

/// <summary>
/// Reduces logits rows to log-sum-exps, best candidates and requested logits. Rows are cut into segments that threads take one after the
/// other; segments do not depend on the number of threads, so neither do results.
/// </summary>
internal sealed unsafe class LogitsTask(ThreadTeam team) : TeamTask
{
    private const int SegmentLogits = 8192;

    private readonly GrowingArray<LogitsSegment> _segments = new();
    private readonly GrowingArray<int> _firstKeys = new();
    private readonly GrowingArray<ulong> _keys = new();
    private readonly GrowingArray<ulong> _merged = new();
    private float* _logits;
    private int _width;
    private int _vocabularyStart;
    private StepBatch? _batch;
    private int _firstRow;
    private int _segmentsPerRow;
    private int _nextSegment;

    /// <summary>Appends what rows [<paramref name="firstRow"/>, + <paramref name="rowCount"/>) of the batch's want.</summary>
    /// <exception cref="ArgumentException">A row's wishes are out of range.</exception>
    public void Run(float* logits, int width, int vocabularyStart, StepBatch batch, int firstRow, int rowCount, StepOutput output)
    {
        _logits = logits;
        _width = width;
        _vocabularyStart = vocabularyStart;
        _batch = batch;
        _firstRow = firstRow;
        _segmentsPerRow = Math.Max(1, (width + SegmentLogits - 1) / SegmentLogits);
        ReserveKeys(rowCount);
        _segments.Clear();
        _segments.Append(rowCount * _segmentsPerRow);
        _nextSegment = 0;
        if (_segments.Count == 1) Execute(0, 1);
        else team.Run(this);
        for (var row = 0; row < rowCount; row++) Append(row, output);
        _batch = null;
    }

    public override void Execute(int thread, int threads)
    {
        var count = _segments.Count;
        for (var i = Interlocked.Increment(ref _nextSegment) - 1; i < count; i = Interlocked.Increment(ref _nextSegment) - 1)
            _segments[i] = Reduce(i);
    }

    private void ReserveKeys(int rowCount)
    {
        _firstKeys.Clear();
        var total = 0;
        for (var row = 0; row < rowCount; row++)
        {
            ref var wanted = ref _batch!.LogitsRows[_firstRow + row];
            wanted.Check(_firstRow + row);
            for (var segment = 0; segment < _segmentsPerRow; segment++)
            {
                _firstKeys.Add(total);
                total = checked(total + Math.Min(wanted.CandidateCount, SegmentLength(segment)));
            }
        }

        _firstKeys.Add(total);
        _keys.Clear();
        _keys.Append(total);
    }

    private int SegmentLength(int segment) => Math.Min(SegmentLogits, _width - segment * SegmentLogits);

    private LogitsSegment Reduce(int index)
    {
        var row = index / _segmentsPerRow;
        var segment = index % _segmentsPerRow;
        var wanted = _batch!.LogitsRows[_firstRow + row];
        var (start, length) = (segment * SegmentLogits, SegmentLength(segment));
        var logits = _logits + (long)row * _width + start;
        var keys = _keys.Span[_firstKeys[index].._firstKeys[index + 1]];
        var found = CandidateScan.Find(logits, _vocabularyStart + start, length, wanted, RequestedOf(wanted), keys);
        var largest = LogSum.Largest(logits, length);
        var plain = LogSum.Exponentials(logits, length, largest, 1);
        var sum = wanted.Temperature == 1 ? plain : LogSum.Exponentials(logits, length, largest, 1 / wanted.Temperature);
        return new LogitsSegment(sum, plain, largest, found);
    }

    private Span<int> RequestedOf(in LogitsRow row) => _batch!.RequestedIds.Span.Slice(row.FirstRequested, row.RequestedCount);

    private void Append(int row, StepOutput output)
    {
        var wanted = _batch!.LogitsRows[_firstRow + row];
        var logits = _logits + (long)row * _width;
        var firstCandidate = output.CandidateIds.Count;
        AppendCandidates(row, wanted.CandidateCount, logits, output);
        var firstRequested = output.RequestedIds.Count;
        foreach (var id in RequestedOf(wanted))
        {
            if (id < _vocabularyStart || id - _vocabularyStart >= _width) continue;
            output.RequestedIds.Add(id);
            output.RequestedLogits.Add(logits[id - _vocabularyStart]);
        }

        var segments = _segments.Span.Slice(row * _segmentsPerRow, _segmentsPerRow);
        output.Summaries.Add(new LogitsSummary(
            LogitsSegment.LogSumExp(segments, wanted.Temperature, plain: false), LogitsSegment.LogSumExp(segments, 1, plain: true), firstCandidate,
            output.CandidateIds.Count - firstCandidate, firstRequested, output.RequestedIds.Count - firstRequested));
    }

    private void AppendCandidates(int row, int count, float* logits, StepOutput output)
    {
        _merged.Clear();
        for (var i = row * _segmentsPerRow; i < (row + 1) * _segmentsPerRow; i++)
            _keys.Span.Slice(_firstKeys[i], _segments[i].CandidateCount).CopyTo(_merged.Append(_segments[i].CandidateCount));
        _merged.Span.Sort();
        for (var i = _merged.Count - 1; i >= Math.Max(0, _merged.Count - count); i--)
        {
            var id = CandidateKey.Id(_merged[i]);
            output.CandidateIds.Add(id);
            output.CandidateLogits.Add(logits[id - _vocabularyStart]);
        }
    }
}
