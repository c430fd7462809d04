using System.Buffers;
using Cluster.Protos.Steps;
using Cluster.Protos.V1;
using Cluster.Worker.Tests.Support;
using Google.Protobuf;

namespace Cluster.Worker.Tests.Allocations;

[Collection(AllocationCollection.Name)]
public sealed class DecodeAllocationTests
{
    private const int WarmUpSteps = 60;
    private const int Windows = 60;
    private const int WindowSteps = 2;

    /// <summary>Blocks of the sequence, all lent from the first step on: a table that grows is a larger step than any before.</summary>
    private const int Blocks = (WarmUpSteps + Windows * WindowSteps + Requests.BlockTokens) / Requests.BlockTokens;

    /// <summary>
    /// Everything of a decode step that is ours on a worker: parse the request, check it, run every layer, summarize logits, write the
    /// answer. Counted exactly on the thread that does it, and over the whole process, thread team included: there the test host's own
    /// timers allocate now and then, so of many short windows half must be clean; a single object a step would dirty them all.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task DecodingAllocatesNothingAfterWarmUp(int threads)
    {
        await using var shard = new SampleShard(threads);
        var requests = new byte[WarmUpSteps + Windows * WindowSteps][];

        // The first step has the longest context: storage that grows with it, by doubling, is there from then on.
        for (var i = 0; i < requests.Length; i++) requests[i] = Decode(i, i == 0 ? requests.Length : i).ToByteArray();
        var request = new StepRequest();
        var result = new StepResult();
        var answer = new ArrayBufferWriter<byte>(4096);
        for (var i = 0; i < WarmUpSteps; i++) Run(requests[i]);

        Span<long> allocated = stackalloc long[Windows];
        var thread = GC.GetAllocatedBytesForCurrentThread();
        for (var window = 0; window < Windows; window++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < WindowSteps; i++) Run(requests[WarmUpSteps + window * WindowSteps + i]);
            allocated[window] = GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - thread);
        Assert.True(allocated.Count(0) >= Windows / 2, $"bytes a window: {string.Join(", ", allocated.ToArray())}");

        void Run(byte[] bytes)
        {
            StepMessages.Reset(request);
            request.MergeFrom(new ReadOnlySequence<byte>(bytes));
            shard.Runner.Run(request, result);
            answer.ResetWrittenCount();
            result.WriteTo(answer);
            if (result.Error.Length > 0 || result.CandidateIds.Count != 40) throw new InvalidOperationException(result.Error);
        }
    }

    /// <summary>Step <paramref name="index"/>: position <paramref name="position"/> of one sequence, sampled from 40 candidates.</summary>
    private static StepRequest Decode(int index, int position)
    {
        var step = new StepRequest
        {
            PlanVersion = 1,
            StepId = (ulong)index + 1,
            TokenIds = { 1 + position * 37 % 8000 },
            SequenceTokenCounts = { 1 },
            SequenceStartPositions = { position },
            SequenceBlockCounts = { Blocks },
        };
        for (var block = 0; block < Blocks; block++) step.BlockTable.Add(block);
        return step.WithRow(0, candidates: 40, temperature: 0.8f, 3, 1000);
    }
}
