using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Engine;

/// <summary>What the engine needs to know of the model that the ranks hold.</summary>
/// <param name="Tokenizer">Of the model's file.</param>
/// <param name="VocabularySize">Rows of the LM head.</param>
/// <param name="ContextLength">Tokens of one sequence at most, prompt and generated; the KV cache holds at least so many.</param>
internal sealed record EngineModel(Tokenizer Tokenizer, int VocabularySize, int ContextLength)
{
    /// <summary>Elements of a vector of a text.</summary>
    public int HiddenSize { get; init; }
}
