using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>Sends one request and takes its times.</summary>
internal sealed class RequestWatch(ILoadTarget target, ServingOptions options, TimeProvider time)
{
    public async Task<RequestRecord> RunAsync(PlannedRequest request, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.Patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var started = time.GetTimestamp();
        long? first = null;
        var last = started;
        var gaps = new List<TimeSpan>();
        int? input = null, output = null;
        string? error = null;
        var isStalled = false;
        try
        {
            await foreach (var part in target.StreamAsync(request, ending.Token).ConfigureAwait(false))
            {
                (input, output) = (part.PromptTokens ?? input, part.CompletionTokens ?? output);
                patience.CancelAfter(options.StallAfter);
                if (part.Text.Length == 0) continue;

                var now = time.GetTimestamp();
                if (first is null) first = now;
                else gaps.Add(time.GetElapsedTime(last, now));
                last = now;
            }

            if (first is null) error = "the answer had no text";
        }
        catch (ServerException e)
        {
            error = e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            isStalled = first is not null;
            error = isStalled ? "the stream stalled" : "no answer began";
        }

        return new RequestRecord
        {
            FirstToken = first is { } begun ? time.GetElapsedTime(started, begun) : null,
            Whole = time.GetElapsedTime(started),
            Decode = time.GetElapsedTime(first ?? last, last),
            Gaps = gaps,
            InputTokens = input ?? 0,
            OutputTokens = output ?? (first is null ? 0 : gaps.Count + 1),
            Error = error,
            IsStalled = isStalled,
        };
    }
}
