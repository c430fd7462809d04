using System.Net;
using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Page;
using Cluster.Coordinator.Slots;
using Cluster.Coordinator.Telemetry;
using Cluster.Coordinator.Tests.Engine;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.ChatTemplates;

namespace Cluster.Coordinator.Tests.Api;

/// <summary>The HTTP API on loopback, over an engine with fake ranks.</summary>
internal sealed class ApiFixture : IAsyncDisposable
{
    // Clients check a certificate's chain, which is not what is tested here.
    private readonly HttpClient _client = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
    private readonly ApiServer _server;

    private ApiFixture(ApiServer server, ServerTelemetry telemetry, ServingState state, EngineFixture engine, ClusterView view)
    {
        _server = server;
        View = view;
        Telemetry = telemetry;
        State = state;
        Engine = engine;
    }

    /// <summary>ChatML, as the sample model's own.</summary>
    public static ChatPrompts ChatPrompts { get; } = new(BuiltInTemplates.Find("chatml")!, SampleTokenizer.Instance);

    /// <summary>As the API serves when nothing is said.</summary>
    public static ApiOptions Loopback { get; } = new() { Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    public ServingState State { get; }

    public ClusterView View { get; }

    /// <summary>For commands of ours.</summary>
    public Uri Root => _server.Address;

    /// <summary>For clients of other makes.</summary>
    public Uri BaseAddress => Address("/v1");

    public EngineFixture Engine { get; }

    public ServerTelemetry Telemetry { get; }

    public static async Task<ApiFixture> StartAsync(bool ready = true, int context = 128, ApiOptions? options = null, TimeProvider? time = null, OtlpOptions? otlp = null)
    {
        var state = new ServingState();
        var engine = new EngineFixture(ranks: 2, context: context);
        if (ready) state.SetReady(new ServedEngine("fake", engine.Engine, ChatPrompts, DateTimeOffset.UnixEpoch, new SlotTable(4), null));
        time ??= TimeProvider.System;
        var view = new ClusterView(time);
        var telemetry = new ServerTelemetry(state, view, time, new TelemetryOptions { Scope = $"Cluster.{Guid.NewGuid()}", Otlp = otlp });
        var server = await ApiServer.StartAsync(options ?? Loopback, state, view, telemetry, time, CancellationToken.None);
        return new ApiFixture(server, telemetry, state, engine, view);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path)
    {
        using var response = await _client.GetAsync(Address(path));
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string body, string path = "/v1/completions")
    {
        using var response = await SendAsync(body, path);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>The response as soon as its headers are there.</summary>
    public Task<HttpResponseMessage> SendAsync(string body, string path = "/v1/completions") => SendAsync(HttpMethod.Post, path, body);

    /// <summary>The same for any method, with a key if one is given.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, string? key = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Address(path));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<(HttpStatusCode Status, string Body)> FetchAsync(HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var response = await SendAsync(method, path, body, key);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        Telemetry.Dispose();
        await Engine.DisposeAsync();
    }

    private Uri Address(string path) => new(_server.Address, path);
}
