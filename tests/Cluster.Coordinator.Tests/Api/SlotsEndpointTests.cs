using System.Net;
using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Page;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Slots;
using Cluster.Coordinator.Telemetry;
using Cluster.Coordinator.Tests.Fakes;

namespace Cluster.Coordinator.Tests.Api;

/// <summary>Slots over HTTP, with fake workers.</summary>
public sealed class SlotsEndpointTests : IAsyncLifetime
{
    private static readonly HttpClient s_client = new();
    private static readonly int[] s_prompt = [.. Enumerable.Range(0, 50).Select(i => (i * 31 + 7) % 4000)];

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-test-").FullName;
    private readonly ServedModel _served = ServedModel.Open(RepositoryFiles.SampleModel);
    private FakeCluster? _cluster;
    private readonly List<IDisposable> _owned = [];
    private ApiServer? _server;

    public async Task InitializeAsync()
    {
        var options = new PlanOptions { TensorParallel = 2, Pipeline = 1, ContextLength = 128, BlockTokens = 16 };
        _cluster = await FakeCluster.StartAsync(_served, new FakeModel(8192), options);
        var slots = new SlotTable(2);
        var state = new ServingState();
        var engine = _cluster.Session.Engine;
        state.SetReady(new ServedEngine("fake", engine, ApiFixture.ChatPrompts, DateTimeOffset.UnixEpoch, slots, new SlotFiles(_folder, slots, _cluster.Session.CacheFiles, engine)));
        var view = new ClusterView(TimeProvider.System);
        var telemetry = new ServerTelemetry(state, view, TimeProvider.System, new TelemetryOptions { Scope = nameof(SlotsEndpointTests) });
        _owned.Add(telemetry);
        _server = await ApiServer.StartAsync(
            new ApiOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, state, view, telemetry, TimeProvider.System, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        foreach (var each in _owned) each.Dispose();
        await _cluster!.DisposeAsync();
        _served.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_slot_is_saved_erased_and_restored()
    {
        Assert.Empty((await GetSlotsAsync()).EnumerateArray());
        await CompleteAsync();
        var listed = Assert.Single((await GetSlotsAsync()).EnumerateArray());
        Assert.Equal((0, 54, 48, "idle"), (Number(listed, "id"), Number(listed, "n_tokens"), Number(listed, "n_cached"), listed.GetProperty("state").GetString()));

        var (savedStatus, saved) = await ActAsync(0, "save", """{"filename": "chat.kv"}""");
        var (_, erased) = await ActAsync(0, "erase", "");
        Assert.Empty((await GetSlotsAsync()).EnumerateArray());
        var (restoredStatus, restored) = await ActAsync(1, "restore", """{"filename": "chat.kv"}""");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (savedStatus, restoredStatus));
        var length = (int)new FileInfo(Path.Combine(_folder, "chat.kv")).Length;
        Assert.Equal((0, 48, length), (Number(saved, "id_slot"), Number(saved, "n_saved"), Number(saved, "n_written")));
        Assert.Equal("chat.kv", saved.GetProperty("filename").GetString());
        Assert.True(saved.GetProperty("timings").GetProperty("save_ms").GetDouble() > 0);
        Assert.Equal(54, Number(erased, "n_erased"));
        Assert.Equal((1, 48, length), (Number(restored, "id_slot"), Number(restored, "n_restored"), Number(restored, "n_read")));
        Assert.True(restored.GetProperty("timings").GetProperty("restore_ms").GetDouble() > 0);
        Assert.Equal(1, Number(Assert.Single((await GetSlotsAsync()).EnumerateArray()), "id"));

        var usage = (await CompleteAsync()).GetProperty("usage");
        Assert.Equal(48, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        await _cluster!.AssertNothingHeldAsync();
    }

    [Theory]
    [InlineData("0?action=save", """{"filename": "../chat.kv"}""", 400, "plain file name")]
    [InlineData("0?action=save", """{"filename": "a/b"}""", 400, "plain file name")]
    [InlineData("0?action=restore", """{"filename": "\ud800"}""", 400, "plain file name")]
    [InlineData("0?action=restore", """{"filename": 7}""", 400, "it must be a text")]
    [InlineData("0?action=restore", """{"filename": "none"}""", 400, "none: no such file.")]
    [InlineData("0?action=save", """{"filename": "empty"}""", 400, "nothing can be saved")]
    [InlineData("0?action=save", "{}", 400, "'filename' is required")]
    [InlineData("0?action=save", "[", 400, "not valid JSON")]
    [InlineData("0?action=dance", "{}", 400, "save, restore or erase")]
    [InlineData("0", "{}", 400, "save, restore or erase")]
    [InlineData("2?action=erase", "{}", 404, "no slot 2")]
    [InlineData("99999999999?action=erase", "{}", 404, "There is no POST")]
    public async Task Wrong_requests_get_one_line(string target, string body, int status, string problem)
    {
        var (code, answer) = await PostAsync($"/slots/{target}", body);

        Assert.Equal(status, (int)code);
        Assert.Contains(problem, answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Without_a_folder_slots_are_listed_but_not_saved()
    {
        await using var api = await ApiFixture.StartAsync();

        var (status, answer) = await api.PostAsync("""{"filename": "chat.kv"}""", "/slots/0?action=save");

        Assert.Equal(HttpStatusCode.NotImplemented, status);
        Assert.Contains("--slot-save-path", answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/slots")).Status);
    }

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private async Task<JsonElement> CompleteAsync() => (await PostAsync(
        "/v1/completions", $$"""{"prompt": [{{string.Join(',', s_prompt)}}], "max_tokens": 4, "temperature": 0, "ignore_eos": true}""")).Body;

    private async Task<JsonElement> GetSlotsAsync() => JsonDocument.Parse(await s_client.GetStringAsync(Address("/slots"))).RootElement;

    private Task<(HttpStatusCode Status, JsonElement Body)> ActAsync(int slot, string action, string body) => PostAsync($"/slots/{slot}?action={action}", body);

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await s_client.PostAsync(Address(path), content);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private Uri Address(string path) => new(_server!.Address, path);
}
