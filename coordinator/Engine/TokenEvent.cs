namespace Cluster.Coordinator.Engine;

/// <summary>One generated token, or text that is released at the end.</summary>
/// <param name="TokenId">Null for the text that was held back until the end.</param>
/// <param name="Text">
/// What the text grows by: whole characters, without the stop string. Empty while a character is incomplete or a stop string may be
/// beginning.
/// </param>
internal readonly record struct TokenEvent(int? TokenId, string Text);
