using Cluster.Model.Sampling;
using Cluster.Protos.V1;
using Cluster.Worker.Tests.Support;
using Grpc.Core;

namespace Cluster.Worker.Tests.Shards;

public sealed class ShardHostTests
{
    private static readonly StepWork s_nothing = (_, _, _, _, _) => { };
    private static readonly StepWork s_reduce = (_, collective, _, _, _) => collective.AllReduce(new HostBuffer(new float[64]), 64);

    [Fact]
    public async Task ReportsWhatALoadedShardTakes()
    {
        await using var worker = await TestWorker.StartAsync("w", new WorkLoader(s_nothing));

        var last = await worker.LoadAsync(Requests.Load(1, 0, 1, [worker.Address]));

        Assert.Equal(
            new LoadShardProgress
            {
                LoadedBytes = 10,
                TotalBytes = 10,
                Ready = new ShardReady { WeightBytes = 10, KvCacheBytes = 20, ScratchBytes = 30, KvBytesPerToken = 40, CacheBytes = { 20 } },
            },
            last);
    }

    [Fact]
    public async Task HidesNothingOfAStep()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, (_, _, _, batch, output) =>
        {
            Assert.Equal(5, batch.TokenIds[0]);
            output.CandidateIds.Add(9);
            output.CandidateLogits.Add(2.5f);
            output.RequestedIds.Add(4);
            output.RequestedLogits.Add(-1);
            output.RequestedIds.Add(6);
            output.RequestedLogits.Add(-2);
            output.Summaries.Add(new(3, 4, 0, 0, 0, 1));
            output.Summaries.Add(new(5, 6, 0, 1, 1, 1));
        });
        var step = Requests.Step(1, 8, token: 5).WithRow(0, 1, 1, 4).WithRow(0, 1, 1, 6);

        await cluster.Steps[0].RequestStream.WriteAsync(step);
        var result = await cluster.ReceiveAsync(0);

        Assert.Equal(("", 1ul, 8ul), (result.Error, result.PlanVersion, result.StepId));
        Assert.Equal([3, 5], result.LogSumExps);
        Assert.Equal([4, 6], result.LogSumExpsPlain);
        Assert.Equal([0, 1], result.CandidateCounts);
        Assert.Equal([9], result.CandidateIds);
        Assert.Equal([2.5f], result.CandidateLogits);
        Assert.Equal([1, 1], result.RequestedCounts);
        Assert.Equal([4, 6], result.RequestedIds);
        Assert.Equal([-1, -2], result.RequestedLogits);
    }

    [Fact]
    public async Task AnswersQuestionsAboutTheLastStepAgain()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, s_nothing);
        await cluster.Steps[0].RequestStream.WriteAsync(Requests.Step(1, 1).WithRow(0).WithRow(0));
        await cluster.ReceiveAsync(0);

        await cluster.Steps[0].RequestStream.WriteAsync(new StepRequest { PlanVersion = 1, StepId = 1, SummarizeAgain = true }.WithRow(1, temperature: 0.25f));
        var answer = await cluster.ReceiveAsync(0);
        await cluster.Steps[0].RequestStream.WriteAsync(new StepRequest { PlanVersion = 1, StepId = 1, SummarizeAgain = true }.WithRow(2));
        var refusal = await cluster.ReceiveAsync(0);

        Assert.Equal([0.25f], answer.LogSumExps);
        Assert.Contains("there are 2 rows of logits", refusal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswersABadStepWithItsProblemAndGoesOn()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, s_nothing);
        (StepRequest Step, string Problem)[] bad =
        [
            (Requests.Step(2, 1), "a step of plan 2 came to plan 1, stage 0, rank 0"),
            (Requests.Step(1, 0), "ids must rise"),
            (Requests.Step(1, 1, token: WorkLoader.VocabularySize), "vocabulary has 1000"),
            (new StepRequest { PlanVersion = 1, StepId = 2 }, "no tokens"),
            (Requests.Step(1, 2, token: -1), "token 0 is -1"),
            (Requests.Step(1, 2).WithForeseen(0, 0), "the last one was step 0"),
            (Requests.Step(1, 1).WithForeseen(0, 0), "row 0 chooses token 0, step 0 left 0 rows of logits"),
        ];
        foreach (var (step, problem) in bad)
        {
            await cluster.Steps[0].RequestStream.WriteAsync(step);
            var result = await cluster.ReceiveAsync(0);
            Assert.Contains(problem, result.Error, StringComparison.Ordinal);
            Assert.Equal(step.StepId, result.StepId);
        }

        Assert.Equal("", (await cluster.RunAsync(3))[0].Error);
    }

    [Fact]
    public async Task StepsAreSentBeforeTheTokensAreKnownThatTheLastOneChooses()
    {
        const int Steps = 40;
        await using var cluster = await TestCluster.StartAsync(1, 1, (_, _, _, batch, output) =>
        {
            output.CandidateIds.Add(batch.TokenIds[0] + 3);
            output.CandidateLogits.Add(1);
            output.Summaries.Add(new(1, 1, 0, 1, 0, 0));
        });
        var sending = Task.Run(async () =>
        {
            for (var step = 1; step <= Steps; step++)
            {
                var request = Requests.Step(1, (ulong)step, token: step == 1 ? 100 : -1).WithRow(0);
                await cluster.Steps[0].RequestStream.WriteAsync(step == 1 ? request : request.WithForeseen(0, 0));
            }
        });

        for (var step = 1; step <= Steps; step++)
        {
            var result = await cluster.ReceiveAsync(0);
            Assert.Equal(("", (ulong)step, 100 + 3 * step), (result.Error, result.StepId, result.CandidateIds.Single()));
        }

        await sending;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RanksThatShareALayerAgreeOnTheBestOfTheirTokens(bool hasNoise)
    {
        const int Steps = 30, Rows = 3, Ranks = 3;

        // Of each row another rank has the best token, and what it is depends on the last one.
        await using var cluster = await TestCluster.StartAsync(Ranks, 1, (rank, _, _, batch, output) =>
        {
            for (var row = 0; row < Rows; row++)
            {
                output.Summaries.Add(new(1, 1, output.CandidateIds.Count, 1, 0, 0));
                output.CandidateIds.Add((batch.TokenIds[row] * 7 + rank * 31 + row) % 1000);
                output.CandidateLogits.Add((batch.TokenIds[row] + rank * 5 + row) % 11);
            }
        });
        for (var step = 1; step <= Steps; step++)
        {
            var request = Requests.Step(1, (ulong)step, token: step == 1 ? 100 : -1);
            for (var row = 1; row < Rows; row++) request.TokenIds.Add(step == 1 ? 100 + row : -1);
            request.SequenceTokenCounts[0] = Rows;
            for (var row = 0; row < Rows; row++)
            {
                request.WithRow(row);
                (request.LogitsNoise[row], request.LogitsSeeds[row], request.LogitsPositions[row]) = (hasNoise, 5, step + row);
                if (step > 1) request.WithForeseen(row, row);
            }

            foreach (var steps in cluster.Steps) await steps.RequestStream.WriteAsync(request);
        }

        int[] tokens = [100, 101, 102];
        for (var step = 1; step <= Steps; step++)
        {
            var results = new StepResult[Ranks];
            for (var rank = 0; rank < Ranks; rank++) results[rank] = await cluster.ReceiveAsync(rank);
            for (var row = 0; row < Rows; row++)
            {
                Assert.All(results, (result, rank) => Assert.Equal(("", (tokens[row] * 7 + rank * 31 + row) % 1000), (result.Error, result.CandidateIds[row])));
                tokens[row] = results.Select(result => (Id: result.CandidateIds[row], Score: Score(result, step, row)))
                    .OrderByDescending(one => one.Score).ThenBy(one => one.Id).First().Id;
            }
        }

        float Score(StepResult result, int step, int row) =>
            !hasNoise ? result.CandidateLogits[row]
            : GumbelNoise.Score(result.CandidateLogits[row], 1, GumbelNoise.Sample(5, step + row, result.CandidateIds[row]));
    }

    [Fact]
    public async Task OtherStagesForeseeNothing()
    {
        await using var cluster = await TestCluster.StartAsync(1, 2, s_nothing);
        await cluster.RunAsync(1);

        foreach (var (rank, steps) in cluster.Steps.Index())
        {
            await steps.RequestStream.WriteAsync(Requests.Step(1, 2).WithForeseen(0, 0));
            Assert.Contains("which another stage chooses", (await cluster.ReceiveAsync(rank)).Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnExecutorsExceptionIsOneLineAndTheNextStepRuns()
    {
        var fail = true;
        await using var cluster = await TestCluster.StartAsync(1, 1, (_, _, _, _, _) =>
        {
            if (fail) throw new InvalidOperationException("first\nsecond");
        });

        Assert.Equal("InvalidOperationException: first second", (await cluster.RunAsync(1))[0].Error);
        fail = false;
        Assert.Equal("", (await cluster.RunAsync(2))[0].Error);
    }

    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task StepsOfSeveralStagesCarryHiddenStates(ChannelKind channel)
    {
        const int count = 70_000;
        var received = new float[count];
        await using var cluster = await TestCluster.StartAsync(1, 3, (rank, _, link, _, _) =>
        {
            Assert.NotNull(link);
            var buffer = new HostBuffer(new float[count]);
            if (rank == 0) for (var i = 0; i < count; i++) buffer.Values[i] = i;
            else link.Receive(buffer, count);
            for (var i = 0; i < count; i++) buffer.Values[i] += rank + 1;
            if (rank < 2) link.Send(buffer, count);
            else buffer.Values.CopyTo(received, 0);
        }, channel: channel);

        Assert.All(await cluster.RunAsync(1), result => Assert.Equal("", result.Error));

        for (var i = 0; i < count; i++) Assert.Equal(i + 6, received[i]);
    }

    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task StagesAndTensorRanksTogetherRunManySteps(ChannelKind channel)
    {
        var sums = new float[4];
        await using var cluster = await TestCluster.StartAsync(2, 2, (rank, collective, link, batch, _) =>
        {
            var buffer = new HostBuffer(Enumerable.Repeat(batch.TokenIds[0] + rank / 10f, 40).ToArray());
            if (rank >= 2) link!.Receive(buffer, 40);
            for (var i = 0; i < 3; i++) collective.AllReduce(buffer, 40);
            if (rank < 2) link!.Send(buffer, 40);
            sums[rank] = buffer.Values[39];
        }, channel: channel);

        for (var step = 1ul; step <= 20; step++) Assert.All(await cluster.RunAsync(step), result => Assert.Equal("", result.Error));

        // Two ranks double what they agree on with every sum; the first sum is 1 + 1.1.
        Assert.Equal([2.1f * 4, 2.1f * 4, 2.1f * 4 * 8, 2.1f * 4 * 8], sums);
    }

    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task ALostRankEndsTheStepOfThoseThatWaitForIt(ChannelKind channel)
    {
        await using var cluster = await TestCluster.StartAsync(3, 1, s_reduce, channel: channel);
        Assert.All(await cluster.RunAsync(1), result => Assert.Equal("", result.Error));

        await cluster.Steps[0].RequestStream.WriteAsync(Requests.Step(1, 2));
        await cluster.Steps[2].RequestStream.WriteAsync(Requests.Step(1, 2));
        await cluster.Workers[1].DisposeAsync();

        foreach (var rank in (int[])[0, 2])
        {
            var result = await cluster.ReceiveAsync(rank);
            Assert.Contains($"rank 1 at {cluster.Workers[1].Address}", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', result.Error);
        }
    }

    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task CancellingTheStreamOfStepsFreesAWaitingRankForTheNextStream(ChannelKind channel)
    {
        var begun = NewSignal();
        await using var cluster = await TestCluster.StartAsync(2, 1, ReduceAfter(begun), channel: channel);
        await cluster.Steps[0].RequestStream.WriteAsync(Requests.Step(1, 5));
        await begun.Task;

        // Rank 0 waits for a rank that was told nothing.
        cluster.OpenSteps();

        Assert.All(await cluster.RunAsync(6), result => Assert.Equal("", result.Error));
    }

    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task ANewPlanReplacesOneWhoseStepWaits(ChannelKind channel)
    {
        var begun = NewSignal();
        await using var cluster = await TestCluster.StartAsync(2, 1, ReduceAfter(begun), channel: channel);
        var old = cluster.Steps[0];
        await old.RequestStream.WriteAsync(Requests.Step(1, 1));
        await begun.Task;
        var ended = Assert.ThrowsAsync<RpcException>(() => old.ResponseStream.MoveNext(CancellationToken.None));
        var addresses = cluster.Workers.Select(worker => worker.Address).ToList();

        // Rank 1's worker becomes rank 0 and the other way round. Its link would be gone first if it were told first.
        addresses.Reverse();
        var load = cluster.Workers[0].LoadAsync(Requests.Load(2, 1, 2, addresses, channel: channel));
        var status = (await ended).Status;
        await cluster.Workers[1].LoadAsync(Requests.Load(2, 0, 2, addresses, channel: channel));
        await load;

        Assert.Equal(StatusCode.Aborted, status.StatusCode);
        Assert.Equal("worker w0: plan 2 replaced this one", status.Detail);
        using var first = cluster.Workers[0].Client.Execute();
        using var second = cluster.Workers[1].Client.Execute();
        await first.RequestStream.WriteAsync(Requests.Step(2, 1));
        await second.RequestStream.WriteAsync(Requests.Step(2, 1));
        Assert.True(await first.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("", first.ResponseStream.Current.Error);
    }

    [Fact]
    public async Task ANewPlanReplacesOneThatIsBeingLoaded()
    {
        await using var worker = await TestWorker.StartAsync("w", new WorkLoader(s_nothing));

        // Waits for a peer that is not there.
        var loading = worker.LoadAsync(Requests.Load(1, 0, 2, [worker.Address, "127.0.0.1:9"]));
        await WaitForPlanAsync(worker, 1);
        var ready = await worker.LoadAsync(Requests.Load(2, 0, 1, [worker.Address]));

        Assert.NotNull(ready.Ready);
        var e = await Assert.ThrowsAsync<RpcException>(() => loading);
        Assert.Equal((StatusCode.Aborted, "worker w: plan 2 replaced this one"), (e.StatusCode, e.Status.Detail));
    }

    [Fact]
    public async Task AnOlderPlanIsRefused()
    {
        await using var worker = await TestWorker.StartAsync("w", new WorkLoader(s_nothing));
        await worker.LoadAsync(Requests.Load(7, 0, 1, [worker.Address]));

        var e = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(Requests.Load(7, 0, 1, [worker.Address])));

        Assert.Equal((StatusCode.Aborted, "worker w: plan 7 is not newer than plan 7, which came before it"), (e.StatusCode, e.Status.Detail));
    }

    [Fact]
    public async Task AnUnreachablePeerIsNamed()
    {
        await using var worker = await TestWorker.StartAsync("w", new WorkLoader(s_nothing), peerTimeout: TimeSpan.FromMilliseconds(50));

        var e = await Assert.ThrowsAsync<RpcException>(() => worker.LoadAsync(Requests.Load(1, 0, 2, [worker.Address, "127.0.0.1:9"])));

        Assert.Equal(
            (StatusCode.Unavailable, "worker w: no link within 0.1 s with rank 1 at 127.0.0.1:9"), (e.StatusCode, e.Status.Detail));
    }

    [Fact]
    public async Task AnUnloadedShardTakesNoStepsAndUnloadingAgainIsNoError()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, s_nothing);
        var client = cluster.Workers[0].Client;

        await client.UnloadShardAsync(new UnloadShardRequest { PlanVersion = 99 });
        Assert.Equal("", (await cluster.RunAsync(1))[0].Error);
        await client.UnloadShardAsync(new UnloadShardRequest { PlanVersion = 1 });
        await client.UnloadShardAsync(new UnloadShardRequest { PlanVersion = 1 });

        var e = await Assert.ThrowsAsync<RpcException>(() => cluster.ReceiveAsync(0));
        Assert.Equal("worker w0: the coordinator unloaded the shard", e.Status.Detail);
        cluster.OpenSteps();
        e = await Assert.ThrowsAsync<RpcException>(() => cluster.ReceiveAsync(0));
        Assert.Equal((StatusCode.FailedPrecondition, "worker w0: no shard is loaded"), (e.StatusCode, e.Status.Detail));
    }

    /// <summary>A rank that is slow to give a step up may hear of the next one from a peer first.</summary>
    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task AFrameOfALaterStepEndsThisOneAndIsKeptForThatOne(ChannelKind channel)
    {
        await using var cluster = await TestCluster.StartAsync(2, 1, s_reduce, channel: channel);
        await cluster.Steps[1].RequestStream.WriteAsync(Requests.Step(1, 2));
        await cluster.Steps[0].RequestStream.WriteAsync(Requests.Step(1, 1));

        Assert.Contains("step 2", (await cluster.ReceiveAsync(0)).Error, StringComparison.Ordinal);
        await cluster.Steps[0].RequestStream.WriteAsync(Requests.Step(1, 2));

        Assert.Equal("", (await cluster.ReceiveAsync(0)).Error);
        Assert.Equal("", (await cluster.ReceiveAsync(1)).Error);
    }

    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task ASecondStreamOfStepsTakesTheFirstOnesPlace(ChannelKind channel)
    {
        var begun = NewSignal();
        await using var cluster = await TestCluster.StartAsync(2, 1, ReduceAfter(begun), channel: channel);
        await cluster.Steps[0].RequestStream.WriteAsync(Requests.Step(1, 1));
        await begun.Task;

        using var second = cluster.Workers[0].Client.Execute();
        await second.RequestStream.WriteAsync(Requests.Step(1, 2));
        await cluster.Steps[1].RequestStream.WriteAsync(Requests.Step(1, 2));

        Assert.True(await second.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(("", 2ul), (second.ResponseStream.Current.Error, second.ResponseStream.Current.StepId));
        var first = cluster.Steps[0].ResponseStream;
        var e = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            // Where rank 1 is quick, the first step has failed by then: it waits for frames that rank 1, a step further, does not send any more.
            while (await first.MoveNext(CancellationToken.None)) Assert.NotEqual("", first.Current.Error);
        });
        Assert.Equal("worker w0: a newer stream of steps took this one's place", e.Status.Detail);
    }

    [Fact]
    public async Task AStreamWithoutAStepOfThisPlanTakesNobodysPlace()
    {
        await using var cluster = await TestCluster.StartAsync(1, 1, s_nothing);
        Assert.Equal("", (await cluster.RunAsync(1))[0].Error);

        using var silent = cluster.Workers[0].Client.Execute();
        using var stranger = cluster.Workers[0].Client.Execute();
        await stranger.RequestStream.WriteAsync(Requests.Step(7, 2));
        var e = await Assert.ThrowsAsync<RpcException>(() => stranger.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(StatusCode.FailedPrecondition, e.StatusCode);
        Assert.Contains("a step of plan 7 came to", e.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("", (await cluster.RunAsync(2))[0].Error);
    }

    [Theory]
    [InlineData(ChannelKind.Socket)]
    [InlineData(ChannelKind.Grpc)]
    public async Task ExchangeRefusesStrangers(ChannelKind channel)
    {
        await using var cluster = await TestCluster.StartAsync(2, 1, s_nothing, channel: channel);
        await cluster.LoadAsync(5, 2, channel: channel);
        (ExchangeRequest Request, StatusCode Status, string Problem)[] bad =
        [
            (new() { PlanVersion = 4, Sender = 0, Receiver = 1 }, StatusCode.FailedPrecondition, "plan 4 was replaced by plan 5"),
            (new() { PlanVersion = 5, Sender = 1, Receiver = 0 }, StatusCode.FailedPrecondition, "rank 1 was called"),
            (new() { PlanVersion = 5, Sender = 0, Receiver = 0 }, StatusCode.InvalidArgument, "sends nothing to rank 0"),
            (new() { PlanVersion = 5, Sender = 0, Receiver = -4 }, StatusCode.InvalidArgument, "sends nothing to rank -4"),
            (new() { PlanVersion = 5, Sender = 0, Receiver = 1 }, StatusCode.AlreadyExists, "has a link to rank 1 already"),
        ];
        foreach (var (request, status, problem) in bad)
        {
            using var call = cluster.Workers[0].Client.Exchange(request);
            var e = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(status, e.StatusCode);
            Assert.Contains(problem, e.Status.Detail, StringComparison.Ordinal);
        }

        Assert.All(await cluster.RunAsync(1), result => Assert.Equal("", result.Error));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Work that waits for the other rank, and says so first.</summary>
    private static StepWork ReduceAfter(TaskCompletionSource begun) => (rank, collective, link, batch, output) =>
    {
        begun.TrySetResult();
        s_reduce(rank, collective, link, batch, output);
    };

    /// <summary>Waits until the worker has heard of a plan: its Exchange then refuses a stranger instead of waiting.</summary>
    private static async Task WaitForPlanAsync(TestWorker worker, ulong planVersion)
    {
        using var call = worker.Client.Exchange(new ExchangeRequest { PlanVersion = planVersion, Sender = 77, Receiver = 78 });
        await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
    }
}
