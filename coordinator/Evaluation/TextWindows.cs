using System.Collections.Immutable;
using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Evaluation;

/// <summary>
/// A text as windows that are scored one by one, each from an empty cache, the way llama-perplexity does: tokens are cut into windows
/// that do not overlap, the first token of each gives way to BOS, and only predictions with at least half a window before them count.
/// </summary>
/// <param name="Context">Tokens of a window.</param>
/// <param name="Windows">In the order of the text.</param>
internal sealed record TextWindows(int Context, ImmutableArray<ReadOnlyMemory<int>> Windows)
{
    /// <summary>Fewer tokens have no second half to score.</summary>
    public const int SmallestContext = 4;

    /// <summary>Position of the first token after which the prediction is scored.</summary>
    public int FirstScored => Context / 2;

    /// <summary>Positions that are run: nothing is predicted after the last token.</summary>
    public int Length => Context - 1;

    /// <param name="tokenizer">Of the model.</param>
    /// <param name="text">Any text; what looks like a special token is text too.</param>
    /// <param name="context">Tokens of a window.</param>
    /// <param name="limit">Windows at most; null for all.</param>
    /// <exception cref="ClusterException">The text is shorter than one window.</exception>
    public static TextWindows Cut(Tokenizer tokenizer, string text, int context, int? limit)
    {
        var tokens = tokenizer.Encode(text, addSpecial: true, parseSpecial: false).ToArray();
        if (tokens.Length < context) throw new ClusterException($"the text has {tokens.Length} tokens, a window of --context {context} needs as many");

        var count = Math.Min(tokens.Length / context, limit ?? int.MaxValue);
        if (tokenizer is { AddBosByDefault: true, BosId: { } bos })
        {
            for (var window = 0; window < count; window++) tokens[window * context] = bos;
        }

        return new TextWindows(context, [.. Enumerable.Range(0, count).Select(window => (ReadOnlyMemory<int>)tokens.AsMemory(window * context, context))]);
    }
}
