namespace Cluster.Worker.Steps;

/// <summary>What a step may name.</summary>
/// <param name="MaxTokens">Tokens of one step.</param>
/// <param name="VocabularySize">Token ids are below it.</param>
/// <param name="BlockTokens">Tokens of a cache block.</param>
/// <param name="BlockCount">Block indices are below it.</param>
/// <param name="CacheCount">Cache indices are below it.</param>
internal sealed record StepLimits(int MaxTokens, int VocabularySize, int BlockTokens, int BlockCount, int CacheCount);
