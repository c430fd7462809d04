using System.Globalization;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>
/// One measurement: sequences that begin with a filled cache and either take in a prompt or generate. One of <paramref name="Prompt"/> and
/// <paramref name="Generate"/> is 0.
/// </summary>
/// <param name="Prompt">Tokens that each sequence takes in.</param>
/// <param name="Generate">Tokens that each sequence generates after its first.</param>
/// <param name="Depth">Tokens that are in each sequence's cache before; whole blocks.</param>
/// <param name="Batch">Sequences at a time.</param>
internal readonly record struct BenchmarkTest(int Prompt, int Generate, int Depth, int Batch)
{
    public bool IsPrefill => Prompt > 0;

    /// <summary>As llama-bench names it: <c>pp512</c>, <c>tg128</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{(IsPrefill ? "pp" : "tg")}{Prompt + Generate}");

    /// <summary>Tokens of each sequence that are not in the cache before. A first token has to come from somewhere: decoding begins with a prompt of one.</summary>
    public int PromptTokens => Math.Max(1, Prompt);

    /// <summary>Tokens that each sequence generates; the first is the prefill's.</summary>
    public int GeneratedTokens => Generate + 1;

    /// <summary>Tokens of each sequence at its end.</summary>
    public int SequenceTokens => Depth + PromptTokens + GeneratedTokens;
}
