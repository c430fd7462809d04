using Cluster.Coordinator.Hub;

namespace Cluster.Coordinator.Tests.Hub;

public sealed class HubDownloadTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-pull-");
    private readonly ImmediateTime _time = new();
    private readonly byte[] _content = new byte[3_000_000];

    public HubDownloadTests() => new Random(7).NextBytes(_content);

    private string Target => Path.Combine(_folder.FullName, "a", "m.gguf");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task AFileArrivesWholeAndTheTokenGoesToNoOtherHost()
    {
        await using var server = await HubStandIn.StartAsync(new() { ["a/m.gguf"] = _content }, token: "secret");
        var told = new List<(long Here, long Total)>();

        await PullAsync(server, (here, total) => told.Add((here, total)));

        Assert.Equal(_content, await File.ReadAllBytesAsync(Target));
        Assert.Equal([(Range: "", HasToken: false)], server.Requests);
        Assert.Equal((3_000_000L, 3_000_000L), told[^1]);
        Assert.Single(_folder.GetFiles("*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task ACutConnectionIsGoneOnFromWhereItEnded()
    {
        await using var server = await HubStandIn.StartAsync(new() { ["a/m.gguf"] = _content });
        server.Faults.Enqueue(HubStandIn.CutAfter(1_000_000));
        server.Faults.Enqueue(HubStandIn.Status(503, retryAfter: "7"));
        server.Faults.Enqueue(HubStandIn.CutAfter(500_000));

        await PullAsync(server);

        Assert.Equal(_content, await File.ReadAllBytesAsync(Target));
        Assert.Equal(4, server.Requests.Count);
        Assert.All(server.Requests.Skip(1), request => Assert.NotEqual("", request.Range));
        Assert.Contains(TimeSpan.FromSeconds(7), _time.Waits);
    }

    [Fact]
    public async Task TheNextPullGoesOnWhereThisOneGaveUp()
    {
        await using var server = await HubStandIn.StartAsync(new() { ["a/m.gguf"] = _content });
        server.Faults.Enqueue(HubStandIn.CutAfter(1_000_000));
        for (var i = 0; i < 7; i++) server.Faults.Enqueue(HubStandIn.Status(502));

        var e = await Assert.ThrowsAsync<ClusterException>(() => PullAsync(server));
        var requests = server.Requests.Count;
        await PullAsync(server);

        Assert.StartsWith($"{server.Address.Authority} answers 502 for o/m/a/m.gguf; ", e.Message, StringComparison.Ordinal);
        Assert.Equal(8, requests);
        Assert.StartsWith("bytes=", server.Requests.Last().Range, StringComparison.Ordinal);
        Assert.Equal(_content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task AServerThatKnowsNoRangesSendsAllAnew()
    {
        await using var server = await HubStandIn.StartAsync(new() { ["a/m.gguf"] = _content });
        server.KnowsRanges = false;
        server.Faults.Enqueue(HubStandIn.CutAfter(1_000_000));

        await PullAsync(server);

        Assert.Equal(_content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task ContentThatIsNotWhatTheRepositorySaysIsDeleted()
    {
        await using var server = await HubStandIn.StartAsync(new() { ["a/m.gguf"] = _content });
        server.LiesAboutContent = true;

        var e = await Assert.ThrowsAsync<ClusterException>(() => PullAsync(server));

        Assert.Contains("came with SHA-256", e.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles("*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task WhatMayNotBeReadIsSaidInOneLine()
    {
        await using var server = await HubStandIn.StartAsync(new() { ["a/m.gguf"] = _content }, token: "secret");
        using var hub = new HubClient(server.Address, token: "wrong", _time);

        var e = await Assert.ThrowsAsync<ClusterException>(() => hub.ListAsync("o/m", "main", CancellationToken.None));

        Assert.Contains("HF_TOKEN", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("wrong", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "hf:o/m has 2 GGUF files; name one of them after a colon: m-Q4_K_M.gguf, m-Q8_0.gguf")]
    [InlineData("q8_0", null)]
    [InlineData("m-Q4_K_M.gguf", null)]
    [InlineData("q5", "'q5' is in the name of no GGUF file; there are m-Q4_K_M.gguf, m-Q8_0.gguf")]
    public async Task AFileIsChosenByItsNameOrAPartOfIt(string? name, string? problem)
    {
        await using var server = await HubStandIn.StartAsync(
            new() { ["README.md"] = [1], ["m-Q4_K_M.gguf"] = [1, 2], ["m-Q8_0.gguf"] = [1, 2, 3], ["../../m-Q4_0.gguf"] = [1] });
        using var hub = new HubClient(server.Address, null, _time);
        var files = await hub.ListAsync("o/m", "main", CancellationToken.None);

        HubFile Choose() => HubFileChoice.Choose(new HubReference("o/m", name), files);

        Assert.Equal(4, files.Count);
        if (problem is not null) Assert.Equal(problem, Assert.Throws<ClusterException>(Choose).Message);
        else Assert.Contains(name!, Choose().Path, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("hf:o/m", "o/m", null)]
    [InlineData("hf:o.x/m-1_2:a/b.gguf", "o.x/m-1_2", "a/b.gguf")]
    [InlineData("hf:o", null, null)]
    [InlineData("hf:../m", null, null)]
    [InlineData("hf:o/m:", null, null)]
    [InlineData("hf:o/m:../x.gguf", null, null)]
    [InlineData("hf:o/m:/etc/x.gguf", null, null)]
    [InlineData("hf:o/m:a\\b.gguf", null, null)]
    [InlineData("o/m", null, null)]
    public void AReferenceNamesARepositoryAndMaybeAFile(string text, string? repository, string? file)
    {
        Assert.Equal(repository is not null, HubReference.TryParse(text, out var reference));
        if (reference is not null) Assert.Equal((repository, file, text), (reference.Repository, reference.File, reference.ToString()));
    }

    private async Task PullAsync(HubStandIn server, Action<long, long>? progress = null)
    {
        using var hub = new HubClient(server.Address, server.Token, _time);
        var file = Assert.Single(await hub.ListAsync("o/m", "main", CancellationToken.None));
        await new HubDownload(hub, "o/m", "main", file, Target, _time).RunAsync(progress ?? ((_, _) => { }), CancellationToken.None);
    }
}
