using Cluster.Coordinator.Api;
using Cluster.Coordinator.Api.Admission;

namespace Cluster.Coordinator.Tests.Api.Admission;

public sealed class TextGateTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Places_are_given_until_there_are_none_and_again_when_somebody_leaves()
    {
        var gate = new TextGate(3, _time);
        var two = gate.Enter(2);
        using var one = gate.Enter(1);

        var refused = Refusal(gate, 1);
        two.Dispose();
        two.Dispose();
        using var again = gate.Enter(2);

        Assert.Equal((429, "requests", "rate_limit_exceeded"), (refused.StatusCode, refused.Type, refused.Code));
        Assert.Equal((3, 1), (gate.Count, gate.RefusalCount));
    }

    [Fact]
    public void What_never_has_room_runs_alone()
    {
        var gate = new TextGate(3, _time);
        using (gate.Enter(8)) Refusal(gate, 1);
        using (gate.Enter(1)) Refusal(gate, 8);

        Assert.Equal(0, gate.Count);
    }

    [Theory]
    [InlineData(1, 4)] // a text left every 4 seconds
    [InlineData(3, 12)]
    [InlineData(90, 300)] // not longer than 5 minutes
    public void Retry_is_told_by_how_fast_texts_have_been_leaving(int texts, int seconds)
    {
        var gate = new TextGate(100, _time);
        using var held = gate.Enter(100 - 1);
        for (var i = 0; i < 200; i++)
        {
            using (gate.Enter(1)) Assert.True(i > 0 || Refusal(gate, 1).RetryAfter == TimeSpan.FromSeconds(1)); // nothing is known yet
            _time.Advance(TimeSpan.FromSeconds(4));
        }

        Assert.Equal(TimeSpan.FromSeconds(seconds), Refusal(gate, texts + 1).RetryAfter);
    }

    private static ApiError Refusal(TextGate gate, int texts) => Assert.Throws<ApiException>(() => gate.Enter(texts)).Error;
}
