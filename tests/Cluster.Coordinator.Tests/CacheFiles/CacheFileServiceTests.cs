using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Tests.Engine;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.KvCache.Files;

namespace Cluster.Coordinator.Tests.CacheFiles;

/// <summary>Texts saved from one split and restored on another, over real gRPC with fake workers whose rows tell their place.</summary>
public sealed class CacheFileServiceTests : IAsyncLifetime
{
    private const int BlockTokens = 16;

    private static readonly int[] s_prompt = [.. Enumerable.Range(0, 70).Select(i => (i * 97 + 5) % 4000)];

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-test-").FullName;
    private readonly FakeModel _model = new(8192);
    private ServedModel? _served;

    private string SavedPath => Path.Combine(_folder, "saved.kv");

    public Task InitializeAsync()
    {
        _served = ServedModel.Open(RepositoryFiles.SampleModel);
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        _served!.Dispose();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(1, 1, 2, 2, 16)]
    [InlineData(2, 2, 1, 3, 32)]
    [InlineData(4, 1, 3, 1, 48)]
    [InlineData(1, 2, 1, 1, 16)]
    public async Task What_one_split_saves_another_restores(int fromTensor, int fromStages, int toTensor, int toStages, int toBlockTokens)
    {
        await SaveAsync(fromTensor, fromStages);
        await using var cluster = await StartAsync(toTensor, toStages, toBlockTokens);

        var restored = await cluster.Session.CacheFiles.RestoreAsync(SavedPath, default);
        var (tokens, _, _) = await EngineFixture.ReadAsync(cluster.Session.Engine.Submit(EngineFixture.Greedy(s_prompt, 8)));

        var whole = 64 / toBlockTokens * toBlockTokens;
        Assert.Equal(s_prompt[..whole], restored.Tokens.ToArray());
        Assert.Equal(new FileInfo(SavedPath).Length, restored.FileBytes);
        Assert.Equal(_model.GreedyContinuation(s_prompt, 8), tokens);

        // The rest of the prompt, and each generated token but the last.
        Assert.Equal(s_prompt.Length - whole + 7, cluster.StepTokens);
        await cluster.AssertNothingHeldAsync();
    }

    [Fact]
    public async Task What_is_cached_already_is_not_written_again()
    {
        await SaveAsync(2, 1);
        await using var cluster = await StartAsync(1, 1, BlockTokens);
        await EngineFixture.ReadAsync(cluster.Session.Engine.Submit(EngineFixture.Greedy(s_prompt[..40], 1)));

        await cluster.Session.CacheFiles.RestoreAsync(SavedPath, default);
        cluster.Workers[0].CacheProblem = "nothing is to be written any more";
        var again = await cluster.Session.CacheFiles.RestoreAsync(SavedPath, default);

        Assert.Equal(64, again.Tokens.Length);
        await cluster.AssertNothingHeldAsync();
    }

    [Fact]
    public async Task Another_format_and_a_damaged_file_are_refused_and_change_nothing()
    {
        await SaveAsync(1, 1);
        await using var cluster = await StartAsync(1, 1, BlockTokens, TensorType.F16);
        var another = await Assert.ThrowsAsync<KvCacheFileException>(() => cluster.Session.CacheFiles.RestoreAsync(SavedPath, default));
        Assert.Equal($"{SavedPath}: it was saved as q8_0/iq4_nl, this cache is f16/iq4_nl: they differ in layer 0", another.Message);

        await using var same = await StartAsync(1, 1, BlockTokens);
        var bytes = File.ReadAllBytes(SavedPath);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(SavedPath, bytes);
        var damaged = await Assert.ThrowsAsync<KvCacheFileException>(() => same.Session.CacheFiles.RestoreAsync(SavedPath, default));
        Assert.Contains("the checksum differs", damaged.Message, StringComparison.Ordinal);
        await same.AssertNothingHeldAsync();
        Assert.Equal(0, same.Blocks.CachedBlocks);
    }

    [Fact]
    public async Task A_worker_that_fails_is_named_and_leaves_no_file_and_no_blocks()
    {
        await using var cluster = await StartAsync(2, 1, BlockTokens);
        await EngineFixture.ReadAsync(cluster.Session.Engine.Submit(EngineFixture.Greedy(s_prompt, 1)));
        await cluster.Session.CacheFiles.SaveAsync(SavedPath, s_prompt, default);
        File.Move(SavedPath, SavedPath + ".good");
        cluster.Workers[1].CacheProblem = "the dog ate it";

        var saving = await Assert.ThrowsAsync<ClusterException>(() => cluster.Session.CacheFiles.SaveAsync(SavedPath, s_prompt, default));
        await using var other = await StartAsync(2, 1, BlockTokens);
        other.Workers[1].CacheProblem = "the dog ate it";
        var restoring = await Assert.ThrowsAsync<ClusterException>(() => other.Session.CacheFiles.RestoreAsync(SavedPath + ".good", default));

        Assert.Equal($"worker 'w1' at {cluster.Workers[1].Address} (rank 1) failed to move cached rows: the dog ate it", saving.Message);
        Assert.Equal($"worker 'w1' at {other.Workers[1].Address} (rank 1) failed to move cached rows: the dog ate it", restoring.Message);
        Assert.Equal([SavedPath + ".good"], Directory.GetFiles(_folder));
        await cluster.AssertNothingHeldAsync();
        await other.AssertNothingHeldAsync();
        Assert.Equal(0, other.Blocks.CachedBlocks);
    }

    [Fact]
    public async Task What_is_not_cached_or_has_no_room_is_one_line()
    {
        await SaveAsync(1, 1);
        await using var cluster = await StartAsync(1, 1, BlockTokens);
        var nothing = await Assert.ThrowsAsync<ClusterException>(() => cluster.Session.CacheFiles.SaveAsync(SavedPath, s_prompt, default));
        Assert.Equal("nothing can be saved: no block of 16 tokens is cached of this text of 70", nothing.Message);

        var cached = new BlockTable();
        await cluster.Session.Engine.RunBetweenStepsAsync(parts =>
        {
            parts.Blocks.TryGrow(cached, 0, (parts.Blocks.BlockCount - 3) * BlockTokens, []);
            return ValueTask.CompletedTask;
        });
        var room = await Assert.ThrowsAsync<ClusterException>(() => cluster.Session.CacheFiles.RestoreAsync(SavedPath, default));
        Assert.Equal("there is no room to restore 64 tokens: 4 cache blocks are needed, 3 are to be had", room.Message);

        await using var large = await StartAsync(1, 1, 128);
        var small = await Assert.ThrowsAsync<KvCacheFileException>(() => large.Session.CacheFiles.RestoreAsync(SavedPath, default));
        Assert.EndsWith("its 64 tokens fill no block of 128 in a context of 128", small.Message, StringComparison.Ordinal);
    }

    private async Task SaveAsync(int tensorParallel, int pipeline)
    {
        await using var cluster = await StartAsync(tensorParallel, pipeline, BlockTokens);
        await EngineFixture.ReadAsync(cluster.Session.Engine.Submit(EngineFixture.Greedy(s_prompt, 1)));
        var saved = await cluster.Session.CacheFiles.SaveAsync(SavedPath, s_prompt, default);
        Assert.Equal((64, new FileInfo(SavedPath).Length), (saved.TokenCount, saved.FileBytes));
        await cluster.AssertNothingHeldAsync();
    }

    private Task<FakeCluster> StartAsync(int tensorParallel, int pipeline, int blockTokens, TensorType keyType = TensorType.Q8_0) =>
        FakeCluster.StartAsync(_served!, _model, new PlanOptions
        {
            TensorParallel = tensorParallel,
            Pipeline = pipeline,
            ContextLength = 128,
            BlockTokens = blockTokens,
            CacheFormat = new KvCacheFormat { KeyType = keyType },
        });
}
