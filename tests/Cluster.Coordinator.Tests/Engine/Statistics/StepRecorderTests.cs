using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Engine.Statistics;

public sealed class StepRecorderTests
{
    private readonly StepResult[] _results = [new(), new()];
    private readonly SetTime _time = new();
    private readonly StepHistory _history = new(new FakeRankGroup(new FakeModel(32), ranks: 2, blockTokens: 8));
    private readonly StepRecorder _recorder;

    public StepRecorderTests() => _recorder = new StepRecorder(_history, _results, _time);

    [Fact]
    public void AStepIsItsSlowestRankTheStreamSamplingAndScheduling()
    {
        Step(build: 3, roundTrip: 100, sampling: 7, totals: [80, 90]);
        _time.Pass(5);
        Step(build: 2, roundTrip: 60, sampling: 4, totals: [50, 40]);

        var decode = _history.Statistics.Decode;

        Assert.Equal((2L, 2L, 20L), (decode.Steps, decode.Tokens, decode.WireBytes));
        Assert.Equal(Microseconds(3 + 100 + 7 + 5 + 2 + 60 + 4), decode.Total);
        Assert.Equal(Microseconds(90 + 50), decode.Slowest);
        Assert.Equal(Microseconds(10 + 10), decode.Stream);
        Assert.Equal(Microseconds(7 + 4), decode.Sampling);
        Assert.Equal(Microseconds(3 + 5 + 2), decode.Scheduling);
        Assert.Equal(Microseconds(80 + 50), decode.Ranks[0].Total);
        Assert.Equal(Microseconds(90 + 40), decode.Ranks[1].Total);
        Assert.Equal(0, _history.Statistics.Prefill.Steps);
    }

    [Fact]
    public void IdleTimeIsNobodys()
    {
        Step(build: 0, roundTrip: 10, sampling: 0, totals: [10, 10]);
        _history.Idle();
        _time.Pass(1_000_000);
        Step(build: 0, roundTrip: 20, sampling: 0, totals: [20, 20]);

        Assert.Equal(Microseconds(30), _history.Statistics.Decode.Total);
    }

    [Fact]
    public void APartOfTheRunIsADifference()
    {
        Step(build: 1, roundTrip: 100, sampling: 7, totals: [80, 90], isDecode: false);
        var before = _history.Statistics;
        _history.Idle();
        Step(build: 2, roundTrip: 60, sampling: 4, totals: [50, 40]);
        Step(build: 1, roundTrip: 30, sampling: 3, totals: [20, 25], isDecode: false);

        var (prefill, decode) = _history.Statistics.Since(before);

        Assert.Equal((1L, 1L), (prefill.Steps, decode.Steps));
        Assert.Equal((Microseconds(25), Microseconds(50)), (prefill.Slowest, decode.Slowest));
        Assert.Equal((Microseconds(5), Microseconds(10)), (prefill.Stream, decode.Stream));
        Assert.Equal((Microseconds(20), Microseconds(40)), (prefill.Ranks[0].Total, decode.Ranks[1].Total));
    }

    [Fact]
    public void OfStepsThatOverlapTheTimeSinceTheOneBeforeCounts()
    {
        var second = new StepRecorder(_history, _results, _time);
        _recorder.Begin();
        _recorder.Sending();
        _time.Pass(10);
        second.Begin();
        second.Sending();
        _time.Pass(90);
        Answer(_recorder, total: 80);
        _time.Pass(30);
        Answer(second, total: 110);

        var decode = _history.Statistics.Decode;

        Assert.Equal((Microseconds(130), Microseconds(80 + 30), Microseconds(20)), (decode.Total, decode.Slowest, decode.Stream));
        Assert.Equal(Microseconds(0), decode.Scheduling);
        Assert.Equal(Microseconds(80 + 110), decode.Ranks[0].Total);

        void Answer(StepRecorder recorder, ulong total)
        {
            _results[0].TotalNanoseconds = 1000 * total;
            recorder.Answered(0);
            recorder.Sampled();
            recorder.End(tokens: 1, wireBytes: 10, isDecode: true);
        }
    }

    /// <summary>One rank computes steps without a pause; the coordinator learns of them sooner or later, and has its own work meanwhile.</summary>
    [Fact]
    public void OfStepsThatFollowEachOtherOnOneRankOnlyItsPausesAreTheStreams()
    {
        var random = new Random(3);
        var history = new StepHistory(new FakeRankGroup(new FakeModel(32), ranks: 1, blockTokens: 8));
        StepResult[] results = [new()];
        StepRecorder[] recorders = [new(history, results, _time), new(history, results, _time)];
        const int Steps = 200;
        const int Pause = 9;
        const int Sampling = 4;
        Begin(0);
        for (int step = 0, late = 0, computed = 0; step < Steps; step++)
        {
            if (step + 1 < Steps) Begin(step + 1);
            var (total, lateNow) = (random.Next(80, 120), random.Next(40));
            computed += Pause + total;
            _time.Pass(Pause + total + lateNow - late);
            late = lateNow + Sampling;
            results[0].TotalNanoseconds = 1000 * (ulong)total;
            recorders[step % 2].Answered(0);
            _time.Pass(Sampling);
            recorders[step % 2].Sampled();
            recorders[step % 2].End(tokens: 1, wireBytes: 10, isDecode: true);

            var decode = history.Statistics.Decode;
            Assert.Equal(Microseconds(computed + late), decode.Total);
            Assert.Equal(decode.Total, decode.Slowest + decode.Stream + decode.Sampling);
            Assert.InRange(decode.Stream, Microseconds((step + 1) * (Pause - Sampling)), Microseconds((step + 1) * (Pause - Sampling) + 40 + Sampling));
        }

        void Begin(int step)
        {
            recorders[step % 2].Begin();
            recorders[step % 2].Sending();
        }
    }

    [Fact]
    public void AnAnswerIsTakenApart()
    {
        var times = RankTimes.Of(new StepResult
        {
            TotalNanoseconds = 100_000,
            AttentionNanoseconds = 10_000,
            ColumnProductNanoseconds = 20_000,
            RowProductNanoseconds = 15_000,
            HeadNanoseconds = 5_000,
            ExchangeNanoseconds = 30_000,
            WaitNanoseconds = 12_000,
        });

        Assert.Equal((Microseconds(18), Microseconds(12), Microseconds(20)), (times.Wire, times.Wait, times.Other));
        Assert.Equal(Microseconds(70), times.Compute);
        Assert.Equal(Microseconds(100), times.Total);
    }

    private static TimeSpan Microseconds(int count) => TimeSpan.FromMicroseconds(count);

    private void Step(int build, int roundTrip, int sampling, ulong[] totals, bool isDecode = true)
    {
        _recorder.Begin();
        _time.Pass(build);
        _recorder.Sending();
        _time.Pass(roundTrip);
        for (var i = 0; i < totals.Length; i++) _results[i].TotalNanoseconds = 1000 * totals[i];
        _recorder.Answered(0);
        _time.Pass(sampling);
        _recorder.Sampled();
        _recorder.End(tokens: 1, wireBytes: 10, isDecode);
    }

    private sealed class SetTime : TimeProvider
    {
        private long _now = 77;

        public override long TimestampFrequency => 1_000_000;

        public void Pass(int microseconds) => _now += microseconds;

        public override long GetTimestamp() => _now;
    }
}
