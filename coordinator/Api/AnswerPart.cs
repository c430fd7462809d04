using Cluster.Coordinator.Engine;

namespace Cluster.Coordinator.Api;

/// <summary>What one of an answer's texts grows by.</summary>
/// <param name="Choice">Which text.</param>
/// <param name="Text">May be empty in the last part.</param>
/// <param name="Tokens">The tokens that it is made of; a character may take several and a token may bring several.</param>
/// <param name="Summary">Not null in a text's last part.</param>
internal sealed record AnswerPart(int Choice, string Text, IReadOnlyList<TokenEvent> Tokens, GenerationSummary? Summary = null)
{
    /// <summary>Why the text ended, as OpenAI's API names it; null while it goes on.</summary>
    public string? FinishReason => Summary is null ? null : Summary.Reason == Engine.FinishReason.Length ? "length" : "stop";
}
