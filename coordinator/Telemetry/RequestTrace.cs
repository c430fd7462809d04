using System.Diagnostics;
using System.Globalization;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Telemetry;

/// <summary>One request's trace: below the request, each text's time in the queue, of its prefill and of decoding.</summary>
internal sealed class RequestTrace(ActivitySource source, Activity request)
{
    private readonly List<string> _finishReasons = [];
    private int _promptTokens;
    private int _generatedTokens;

    /// <param name="part">The text's last.</param>
    /// <param name="summary">How it went.</param>
    /// <param name="queued">When it was queued.</param>
    /// <param name="countsPrompt">Whether it is the first of its prompt.</param>
    public void Take(AnswerPart part, GenerationSummary summary, DateTimeOffset queued, bool countsPrompt)
    {
        var first = queued + summary.TimeToFirstToken;
        Add("queue", part.Choice, queued, first - summary.Prefill);
        Add("prefill", part.Choice, first - summary.Prefill, first)?
            .SetTag("cluster.prompt.tokens", summary.PromptTokens).SetTag("cluster.prompt.cached_tokens", summary.CachedTokens);
        Add("decode", part.Choice, first, first + summary.Decode)?.SetTag("cluster.generated.tokens", summary.GeneratedTokens);
        _finishReasons.Add(part.FinishReason!);
        _generatedTokens += summary.GeneratedTokens;
        if (countsPrompt) _promptTokens += summary.PromptTokens;
    }

    public void End(DateTimeOffset ended, int? failure)
    {
        request.SetTag("gen_ai.usage.input_tokens", _promptTokens).SetTag("gen_ai.usage.output_tokens", _generatedTokens);
        if (_finishReasons.Count > 0) request.SetTag("gen_ai.response.finish_reasons", _finishReasons.ToArray());
        if (failure is { } status)
            request.SetStatus(ActivityStatusCode.Error).SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
        request.SetEndTime(ended.UtcDateTime);
        request.Dispose();
    }

    private Activity? Add(string name, int choice, DateTimeOffset started, DateTimeOffset ended)
    {
        using var span = source.StartActivity(name, ActivityKind.Internal, request.Context, startTime: started);
        span?.SetTag("cluster.choice", choice).SetEndTime(ended.UtcDateTime);
        return span;
    }
}
