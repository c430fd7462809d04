using System.IO.Pipelines;
using Grpc.AspNetCore.Server;
using Grpc.Tests.Hosting;

namespace Grpc.Tests.Server;

/// <summary>A deadline passes on a timer's thread, where an exception would end the process.</summary>
public sealed class ServerDeadlineTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly LogSink _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task Failing_callback_of_the_application_is_logged()
    {
        await using var deadline = Start(new Pipe().Reader);
        deadline.Token.Register(() => throw new InvalidDataException("callback"));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(deadline.HasPassed);
        Assert.Contains("callback", Assert.Single(_log.Errors));
    }

    [Fact]
    public async Task Request_that_the_client_has_reset_does_no_harm()
    {
        await using var deadline = Start(new ResetReader());

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(deadline.HasPassed);
        Assert.True(deadline.Token.IsCancellationRequested);
        Assert.Empty(_log.Errors);
    }

    [Fact]
    public async Task Client_that_goes_away_cancels_before_the_deadline()
    {
        using var aborted = new CancellationTokenSource();
        await using var deadline = new ServerDeadline(_time, TimeSpan.MaxValue, new Pipe().Reader, _log, aborted.Token);
        Assert.Equal(DateTime.MaxValue, deadline.Utc);

        await aborted.CancelAsync();

        Assert.True(deadline.Token.IsCancellationRequested);
        Assert.False(deadline.HasPassed);
    }

    private ServerDeadline Start(PipeReader request) => new(_time, TimeSpan.FromSeconds(1), request, _log, CancellationToken.None);

    private sealed class ResetReader : PipeReader
    {
        public override void CancelPendingRead() => throw new IOException("The client reset the request stream.");

        public override void AdvanceTo(SequencePosition consumed) => throw new NotSupportedException();

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw new NotSupportedException();

        public override void Complete(Exception? exception = null) => throw new NotSupportedException();

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();
    }
}
