using System.Net;
using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Slots;
using Cluster.Coordinator.Tests.Engine;

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

    public ServingState State { get; }

    public EngineFixture Engine { get; }

    public static async Task<ApiFixture> StartAsync(bool ready = true, int context = 128)
    {
        var state = new ServingState();
        var engine = new EngineFixture(ranks: 2, context: context);
        if (ready) state.SetReady(new ServedEngine("fake", engine.Engine, DateTimeOffset.UnixEpoch, new SlotTable(4), null));
        var server = await ApiServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), state, TimeProvider.System, CancellationToken.None);
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
