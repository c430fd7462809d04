using Cluster.Protos.V1;
using Cluster.Worker.Steps;
using Cluster.Worker.Threading;
using Grpc.Core;
using Grpc.Streams;

namespace Cluster.Worker.Tests.Steps;

public sealed class StepAnswersTests
{
    private readonly SlowStream _stream = new();
    private readonly StepAnswers _answers;

    public StepAnswersTests() => _answers = new StepAnswers(_stream, new WakeSignal());

    [Fact]
    public void TheNextAnswerIsFilledWhileTheStreamTakesTheLastOne()
    {
        Send(1);
        var next = _answers.Next;
        next.StepId = 2;

        Assert.Equal([1ul], _stream.Taken.Select(answer => answer.StepId));
        Assert.NotSame(_stream.Taken[0], next);
    }

    [Fact]
    public async Task AnAnswerWaitsForTheOneBeforeAndTheEndForTheLast()
    {
        Send(1);
        var second = Task.Run(() => Send(2));
        Assert.False(second.IsCompleted);
        Assert.Single(_stream.Taken);
        _stream.Written.Release();
        await second;
        var end = Task.Run(_answers.Complete);
        Assert.False(end.IsCompleted);
        _stream.Written.Release();
        await end;

        Assert.Equal([1ul, 2ul], _stream.Taken.Select(answer => answer.StepId));
    }

    [Fact]
    public void AStreamThatIsGoneIsNoticedWithTheNextAnswer()
    {
        _stream.Problem = new IOException("gone");
        Send(1);
        _stream.Written.Release();

        Assert.Throws<IOException>(() => Send(2));
        _answers.Complete();
        Assert.Single(_stream.Taken);
    }

    private void Send(ulong stepId)
    {
        _answers.Next.StepId = stepId;
        _answers.Send();
    }

    /// <summary>Takes each message over at some time before it is written, as a stream may.</summary>
    private sealed class SlowStream : IMessageStreamWriter<StepResult>
    {
        public List<StepResult> Taken { get; } = [];

        public SemaphoreSlim Written { get; } = new(0);

        public Exception? Problem { get; set; }

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(StepResult message) => WriteMessageAsync(message).AsTask();

        public async ValueTask WriteMessageAsync(StepResult message, CancellationToken cancellationToken = default)
        {
            Taken.Add(message);
            await Written.WaitAsync(cancellationToken);
            if (Problem is not null) throw Problem;
        }
    }
}
