using System.Net;
using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Page;
using Cluster.Coordinator.Slots;
using Cluster.Coordinator.Tests.Engine;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.ChatTemplates;

namespace Cluster.Coordinator.Tests.Api;

/// <summary>The HTTP API on loopback, over an engine with fake ranks.</summary>
internal sealed class ApiFixture : IAsyncDisposable
{
    private readonly HttpClient _client = new();
    private readonly ApiServer _server;

    private ApiFixture(ApiServer server, ServingState state, EngineFixture engine)
    {
        _server = server;
        State = state;
        Engine = engine;
    }

    /// <summary>ChatML, as the sample model's own.</summary>
    public static ChatPrompts ChatPrompts { get; } = new(BuiltInTemplates.Find("chatml")!, SampleTokenizer.Instance);

    /// <summary>As the API serves when nothing is said.</summary>
    public static ApiOptions Loopback { get; } = new() { Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    public ServingState State { get; }

    /// <summary>For clients of other makes.</summary>
    public Uri BaseAddress => Address("/v1");

    public EngineFixture Engine { get; }

    public static async Task<ApiFixture> StartAsync(bool ready = true, int context = 128, ApiOptions? options = null, TimeProvider? time = null)
    {
        var state = new ServingState();
        var engine = new EngineFixture(ranks: 2, context: context);
        if (ready) state.SetReady(new ServedEngine("fake", engine.Engine, ChatPrompts, DateTimeOffset.UnixEpoch, new SlotTable(4), null));
        var server = await ApiServer.StartAsync(options ?? Loopback, state, new ClusterView(TimeProvider.System), time ?? TimeProvider.System, CancellationToken.None);
        return new ApiFixture(server, state, engine);
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
    public async Task<HttpResponseMessage> SendAsync(string body, string path = "/v1/completions")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(path)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await Engine.DisposeAsync();
    }

    private Uri Address(string path) => new($"http://{_server.EndPoint}{path}");
}
