using System.Diagnostics;
using Cluster.Coordinator.Api;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Telemetry;

/// <summary>What is seen of one HTTP request while it is answered; counted as it comes, and as a whole at its end.</summary>
internal sealed class RequestObservation(ServerMeter meter, RequestTraces traces, TimeProvider time)
{
    private const string Provider = "cluster";

    private readonly long _started = time.GetTimestamp();
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private RequestTrace? _trace;
    private string? _operation;
    private string? _model;
    private int? _failure;

    /// <summary>That of the request that is answered; null where none is observed.</summary>
    public static RequestObservation? Of(HttpContext context) => context.Features.Get<RequestObservation>();

    /// <summary>The request asks for texts or for their vectors, and is right.</summary>
    /// <param name="context">The request.</param>
    /// <param name="operation">What OpenTelemetry's conventions call it.</param>
    /// <param name="model">The model that is asked.</param>
    /// <param name="parameters">How it is to write; null where it does not.</param>
    public void Begin(HttpContext context, string operation, string model, GenerationParameters? parameters)
    {
        (_operation, _model) = (operation, model);
        _trace = traces.Begin(context.Request.Headers, _startedAt, Tags(), parameters);
    }

    /// <summary>A text grew, or ended.</summary>
    /// <param name="part">By what.</param>
    /// <param name="countsPrompt">Whether it is the first of its prompt.</param>
    public void Take(AnswerPart part, bool countsPrompt)
    {
        meter.GeneratedTokens.Add(part.Tokens.Count);
        if (part.Summary is not { } summary) return;

        if (countsPrompt)
        {
            meter.PromptTokens.Add(summary.PromptTokens - summary.CachedTokens, new KeyValuePair<string, object?>("source", "computed"));
            meter.PromptTokens.Add(summary.CachedTokens, new KeyValuePair<string, object?>("source", "cache"));
        }

        var tags = Tags();
        if (summary.GeneratedTokens > 0) meter.TimeToFirstToken.Record(summary.TimeToFirstToken.TotalSeconds, tags);
        if (summary.GeneratedTokens > 1) meter.TimePerOutputToken.Record(summary.Decode.TotalSeconds / (summary.GeneratedTokens - 1), tags);
        _trace?.Take(part, summary, time.GetUtcNow() - time.GetElapsedTime(summary.Submitted), countsPrompt);
    }

    /// <summary>Texts have been read, all of them computed.</summary>
    public void TakePrompt(int tokens) => meter.PromptTokens.Add(tokens, new KeyValuePair<string, object?>("source", "computed"));

    /// <summary>It is answered with an error, or its stream ends with one.</summary>
    public void Fail(ApiError error)
    {
        _failure = error.StatusCode;
        meter.Refusals.Add(1, new KeyValuePair<string, object?>("reason", error.Code ?? error.Type));
    }

    /// <summary>Nobody is there any more to be answered.</summary>
    public void Abandon() => _failure = StatusCodes.Status499ClientClosedRequest;

    /// <summary>It is over.</summary>
    /// <param name="method">One of those that HTTP defines.</param>
    /// <param name="route">As it is written in the list of routes.</param>
    /// <param name="status">That was sent.</param>
    public void End(string method, string route, int status)
    {
        meter.Requests.Add(1, new("method", method), new("route", route), new("status", _failure ?? status));
        if (_operation is null) return;

        var tags = Tags();
        if (_failure is { } failure) tags.Add("error.type", failure);
        meter.RequestDuration.Record(time.GetElapsedTime(_started).TotalSeconds, tags);
        _trace?.End(time.GetUtcNow(), _failure);
    }

    private TagList Tags() => new()
    {
        { "gen_ai.operation.name", _operation },
        { "gen_ai.provider.name", Provider },
        { "gen_ai.request.model", _model },
        { "gen_ai.response.model", _model },
    };
}
