using Cluster.Coordinator.Api.Admission;
using Cluster.Coordinator.Page;
using Cluster.Coordinator.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api;

/// <summary>All that the API answers, in one list: requests are routed by it, and the OpenAPI document is written from it.</summary>
internal static class ApiRoutes
{
    public static IReadOnlyList<ApiRoute> Create(ServingState state, ClusterView view, ServerTelemetry telemetry, ApiOptions options, TimeProvider time)
    {
        var gate = new TextGate(options.MaxTexts, time);
        var generation = new GenerationEndpoint(gate, options.RequestTimeout, time);
        var health = new HealthEndpoint(state);
        var models = new ModelsEndpoint(state);
        var tokens = new TokenizeEndpoint(state);
        var slots = new SlotsEndpoint(state);
        var workers = new WorkersEndpoint(view, time);
        List<ApiRoute> routes =
        [
            Post("/v1/chat/completions", "Answer a conversation.", new ChatEndpoint(state, generation, time).HandleAsync, ChatRequest.Table),
            Post("/v1/completions", "Continue a text.", new CompletionEndpoint(state, generation).HandleAsync, CompletionRequest.Table),
            Post("/v1/embeddings", "Vectors of texts.", new EmbeddingsEndpoint(state, gate, options, time).HandleAsync, EmbeddingsRequest.Table),
            Get("/v1/models", "The model that is served.", models.ListAsync),
            Get("/v1/models/{name}", "The model that is served, by name.", models.GetAsync),
            Post("/tokenize", "Token ids of a text.", tokens.TokenizeAsync, TokenizeRequest.Table),
            Post("/detokenize", "Text of token ids.", tokens.DetokenizeAsync, DetokenizeRequest.Table),
            Get("/health", "Whether requests are taken.", health.ReadyAsync) with { IsOpen = true },
            Get("/health/ready", "Whether requests are taken.", health.ReadyAsync) with { IsOpen = true },
            Get("/health/live", "Whether the program runs.", HealthEndpoint.LiveAsync) with { IsOpen = true },
            Get("/cluster", "Who computes what, and where the time of steps goes.", new ClusterEndpoint(state, view).GetAsync),
            Get("/cluster/workers", "The workers: what they have, what they do, how far they are.", workers.ListAsync),
            Post("/cluster/workers/{name}/drain", "Have a worker leave when it is in no plan any more.", workers.DrainAsync) with { IsAdministration = true },
            Post("/cluster/workers/{name}/remove", "Have a worker leave and refuse its return.", workers.RemoveAsync) with { IsAdministration = true, Query = WorkersEndpoint.RemoveQuery },
            Post("/cluster/workers/{name}/restore", "Let a worker that was removed join again.", workers.RestoreAsync) with { IsAdministration = true },
            Get("/metrics", "What is counted and measured, for Prometheus.", telemetry.Metrics.WriteAsync),
            Get("/slots", "The texts that were continued of late.", slots.ListAsync),
            Post("/slots/{id:int}", "Save, restore or erase what is cached of a text.", slots.ActAsync, SlotsEndpoint.Body) with { Query = SlotsEndpoint.Query },
        ];
        var document = new Lazy<ReadOnlyMemory<byte>>(() => OpenApiDocument.Build(routes));
        routes.Add(Get("/openapi.json", "This document.", context => JsonResponses.WriteAsync(context, StatusCodes.Status200OK, document.Value)));
        return routes;
    }

    private static ApiRoute Get(string path, string summary, RequestDelegate handle) => new(HttpMethods.Get, path, summary, handle);

    private static ApiRoute Post(string path, string summary, RequestDelegate handle, IParameterTable? body = null) => new(HttpMethods.Post, path, summary, handle, body);
}
