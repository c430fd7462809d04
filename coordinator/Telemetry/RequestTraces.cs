using System.Diagnostics;
using Cluster.Coordinator.Api;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Telemetry;

/// <summary>Makes traces of requests for texts, as parts of their clients' where those tell theirs (W3C traceparent).</summary>
internal sealed class RequestTraces(string scope) : IDisposable
{
    private readonly ActivitySource _source = new(scope);

    /// <returns>Null where nobody listens, or the request is not sampled.</returns>
    public RequestTrace? Begin(IHeaderDictionary headers, DateTimeOffset started, TagList tags, GenerationParameters? parameters)
    {
        if (!_source.HasListeners()) return null;

        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent);
        var name = $"{tags[0].Value} {tags[2].Value}";
        if (parameters is not null) AddTo(ref tags, parameters);
        return _source.StartActivity(name, ActivityKind.Server, parent, tags, null, started) is { } request ? new RequestTrace(_source, request) : null;
    }

    public void Dispose() => _source.Dispose();

    private static void AddTo(ref TagList tags, GenerationParameters parameters)
    {
        if (parameters.MaxTokens is { } most) tags.Add("gen_ai.request.max_tokens", most);
        if (parameters.Choices > 1) tags.Add("gen_ai.request.choice.count", parameters.Choices);
        tags.Add("gen_ai.request.temperature", parameters.Sampling.Temperature);
        tags.Add("gen_ai.request.top_p", parameters.Sampling.TopP);
    }
}
