using Cluster.Compute.Cpu.Logits;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Gpu;
using Cluster.Compute.Steps;
using Cluster.Model.Sampling;

namespace Cluster.Compute.Cuda.Logits;

/// <summary>Reduces rows of logits on the device to what leaves a rank, which it writes straight to host memory.</summary>
internal sealed unsafe class LogitsOperation : IDisposable
{
    /// <summary>SEGMENT, MERGED and THREADS in logits.cu, THREADS in compare.cu.</summary>
    private const int SegmentLogits = 2048;
    private const int MostMerged = 4096;
    private const int Threads = 512;
    private const int CompareThreads = 1024;

    private readonly CudaContext _context;
    private readonly StagingMemory _staging;
    private readonly CudaKernel _segments;
    private readonly CudaKernel _merge;
    private readonly CudaKernel _requested;
    private readonly CudaKernel _compare;
    private readonly ScratchMemory _candidates;
    private readonly GrowingArray<DeviceCandidate> _merged = new();

    public LogitsOperation(CudaContext context, StagingMemory staging)
    {
        _context = context;
        _staging = staging;
        var module = context.Load(new KernelProgram().Include("logits.cu"));
        _segments = module.Kernel("logits_segments");
        _merge = module.Kernel("logits_merge");
        _requested = module.Kernel("logits_requested");
        _compare = context.Load(new KernelProgram().Include("compare.cu")).Kernel("compare");
        _candidates = new ScratchMemory(context);
    }

    /// <summary>Appends what rows [<paramref name="firstRow"/>, + <paramref name="rowCount"/>) of the batch's want.</summary>
    /// <exception cref="ArgumentException">A row's wishes are out of range.</exception>
    public void Summarize(CudaBuffer logits, int width, int vocabularyStart, StepBatch batch, int firstRow, int rowCount, StepOutput output)
    {
        if (rowCount == 0) return;
        var segments = Math.Max(1, (width + SegmentLogits - 1) / SegmentLogits);
        var wanted = batch.LogitsRows.Span.Slice(firstRow, rowCount);
        var rows = _staging.Take<DeviceLogitsRow>(rowCount);
        var starts = _staging.Take<int>(3 * rowCount);
        var requestedIds = _staging.Take<int>(Math.Max(1, batch.RequestedIds.Count));
        var sums = _staging.Take<LogitsSegment>(rowCount * segments);
        batch.RequestedIds.Span.CopyTo(new Span<int>(requestedIds, batch.RequestedIds.Count));
        var (candidateCount, resultCount, requestedCount, allMerge) = (0, 0, 0, true);
        for (var i = 0; i < rowCount; i++)
        {
            var row = wanted[i];
            row.Check(firstRow + i);
            rows[i] = new DeviceLogitsRow(
                row.NoiseSeed is { } seed ? GumbelNoise.Stream(seed, row.Position) : 0, row.Temperature, row.NoiseSeed is null ? 0 : 1,
                row.CandidateCount, row.FirstRequested, row.RequestedCount, 0);
            (starts[i], starts[rowCount + i], starts[2 * rowCount + i]) = (candidateCount, resultCount, requestedCount);
            candidateCount = checked(candidateCount + segments * OfSegment(row));
            resultCount += Math.Min(row.CandidateCount, width);
            requestedCount += row.RequestedCount;
            allMerge &= Merges(row, segments);
        }

        var results = _staging.Take<DeviceCandidate>(Math.Max(1, resultCount));
        var requestedLogits = _staging.Take<float>(Math.Max(1, requestedCount));
        var all = allMerge ? null : _staging.Take<DeviceCandidate>(candidateCount);
        var candidates = _candidates.Reserve((long)candidateCount * sizeof(DeviceCandidate));
        _segments.Launch(
            segments, rowCount, 1, Threads,
            new KernelArguments { logits.Address, width, vocabularyStart, (nint)rows, (nint)requestedIds, (nint)starts, (nint)sums, candidates },
            _context.Timer.Work((long)rowCount * width * sizeof(float)));
        if (resultCount > 0)
        {
            _merge.Launch(
                rowCount, 1, 1, Threads,
                new KernelArguments
                {
                    logits.Address, width, vocabularyStart, (nint)rows, segments, (nint)starts, candidates, (nint)(starts + rowCount), (nint)results,
                },
                _context.Timer.Work((long)candidateCount * sizeof(DeviceCandidate)));
        }

        if (requestedCount > 0)
        {
            _requested.Launch(
                rowCount, 1, 1, Threads,
                new KernelArguments
                {
                    logits.Address, width, vocabularyStart, (nint)rows, (nint)requestedIds, (nint)(starts + 2 * rowCount), (nint)requestedLogits,
                },
                _context.Timer.Work((long)requestedCount * sizeof(float)));
        }

        if (all is not null) _context.Download(candidates, all, (long)candidateCount * sizeof(DeviceCandidate));
        _context.Synchronize();
        for (var i = 0; i < rowCount; i++)
        {
            var row = wanted[i];
            var firstCandidate = output.CandidateIds.Count;
            if (Merges(row, segments)) Append(new ReadOnlySpan<DeviceCandidate>(results + starts[rowCount + i], Math.Min(row.CandidateCount, width)), output);
            else Append(Merge(new ReadOnlySpan<DeviceCandidate>(all + starts[i], segments * OfSegment(row)), row.CandidateCount), output);
            var firstRequested = output.RequestedIds.Count;
            for (var k = 0; k < row.RequestedCount; k++)
            {
                var id = batch.RequestedIds[row.FirstRequested + k];
                if (id < vocabularyStart || id - vocabularyStart >= width) continue;
                output.RequestedIds.Add(id);
                output.RequestedLogits.Add(requestedLogits[starts[2 * rowCount + i] + k]);
            }

            var parts = new ReadOnlySpan<LogitsSegment>(sums + i * segments, segments);
            output.Summaries.Add(new LogitsSummary(
                LogitsSegment.LogSumExp(parts, row.Temperature, plain: false), LogitsSegment.LogSumExp(parts, 1, plain: true), firstCandidate,
                output.CandidateIds.Count - firstCandidate, firstRequested, output.RequestedIds.Count - firstRequested));
        }

        _staging.Release();
    }

    /// <summary>Appends how far each row is from its baseline.</summary>
    public void Compare(CudaBuffer logits, CudaBuffer baseline, int width, int rowCount, StepOutput output)
    {
        if (rowCount == 0) return;
        var results = _staging.Take<LogitsDivergence>(rowCount);
        _compare.Launch(
            rowCount, 1, 1, CompareThreads, new KernelArguments { logits.Address, baseline.Address, width, (nint)results },
            _context.Timer.Work(2L * rowCount * width * sizeof(float)));
        _context.Synchronize();
        new ReadOnlySpan<LogitsDivergence>(results, rowCount).CopyTo(output.Divergences.Append(rowCount));
        _staging.Release();
    }

    public void Dispose() => _candidates.Dispose();

    private static int OfSegment(in LogitsRow row) => Math.Min(row.CandidateCount, SegmentLogits);

    /// <summary>Whether the device picks a row's best of all segments; where many are wanted that is left to the host.</summary>
    private static bool Merges(in LogitsRow row, int segments) => OfSegment(row) * (long)segments <= MostMerged;

    private ReadOnlySpan<DeviceCandidate> Merge(ReadOnlySpan<DeviceCandidate> candidates, int count)
    {
        _merged.Clear();
        candidates.CopyTo(_merged.Append(candidates.Length));
        _merged.Span.Sort(static (a, b) => b.Key.CompareTo(a.Key));
        return _merged.Span[..Math.Min(count, _merged.Count)];
    }

    private static void Append(ReadOnlySpan<DeviceCandidate> candidates, StepOutput output)
    {
        foreach (ref readonly var candidate in candidates)
        {
            if (candidate.Key == 0) return;
            output.CandidateIds.Add(CandidateKey.Id(candidate.Key));
            output.CandidateLogits.Add(candidate.Logit);
        }
    }
}
