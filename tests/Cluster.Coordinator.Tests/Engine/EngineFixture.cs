using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Tests.Engine;

/// <summary>An engine over fake ranks.</summary>
internal sealed class EngineFixture : IAsyncDisposable
{
    private const int BlockTokens = 8;

    public EngineFixture(int ranks = 1, int prefillChunk = 512, int maxSequences = 16, int context = 128, int? blocks = null, int vocabulary = 0, bool prefixCache = true, int stages = 1)
    {
        Model = new FakeModel(vocabulary > 0 ? vocabulary : SampleTokenizer.Instance.VocabularySize);
        Ranks = new FakeRankGroup(Model, ranks, BlockTokens, stages);
        Blocks = new BlockManager(blocks ?? (context * maxSequences / BlockTokens), BlockTokens, prefixCache);
        Options = new SchedulerOptions { PrefillChunk = prefillChunk, MaxSequences = maxSequences };
        Engine = new InferenceEngine(Ranks, new EngineModel(SampleTokenizer.Instance, Model.VocabularySize, context) { HiddenSize = Model.HiddenSize }, Blocks, Options, TimeProvider.System);
    }

    public FakeModel Model { get; }

    public FakeRankGroup Ranks { get; }

    public BlockManager Blocks { get; }

    public SchedulerOptions Options { get; }

    public InferenceEngine Engine { get; }

    public static GenerationRequest Greedy(int[] prompt, int maxTokens) => new()
    {
        Prompt = prompt,
        MaxTokens = maxTokens,
        Sampling = new SamplingOptions { Temperature = 0 },
        IgnoreEndOfText = true,
    };

    public static async Task<(List<int> Tokens, string Text, GenerationSummary Summary)> ReadAsync(TokenStream stream)
    {
        List<int> tokens = [];
        var text = "";
        await foreach (var token in stream.ReadAllAsync())
        {
            if (token.TokenId is { } id) tokens.Add(id);
            text += token.Text;
        }

        return (tokens, text, stream.Summary!);
    }

    public Task<(List<int> Tokens, string Text, GenerationSummary Summary)> RunAsync(GenerationRequest request) => ReadAsync(Engine.Submit(request));

    /// <summary>Once all has ended, nobody holds a block.</summary>
    public async Task AssertNothingLeaksAsync()
    {
        await Engine.DrainAsync();
        Assert.Equal(0, Blocks.Snapshot.UsedBlocks);
    }

    /// <summary>The model is made to write this text after a prompt of so many tokens.</summary>
    public void Script(int promptLength, string text)
    {
        foreach (var (index, id) in SampleTokenizer.Instance.Encode(text, false, true).Index()) Model.Script[promptLength + index] = id;
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
