using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Engine;

/// <summary>One generated token, or text that is released at the end.</summary>
/// <param name="TokenId">Null for the text that was held back until the end.</param>
/// <param name="Text">
/// What the text grows by: whole characters, without the stop string. Empty while a character is incomplete or a stop string may be
/// beginning.
/// </param>
/// <param name="LogProb">Natural logarithm of the token's probability under the model, before bias, penalties, temperature and filters.</param>
/// <param name="TopLogProbs">The most probable tokens at its place, best first, as many as were asked for.</param>
internal readonly record struct TokenEvent(int? TokenId, string Text, float LogProb = 0, ReadOnlyMemory<TokenLogProb> TopLogProbs = default);
