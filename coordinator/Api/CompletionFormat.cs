using System.Text.Json;
using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Api;

/// <summary>Texts as <c>/v1/completions</c> gives them.</summary>
internal sealed class CompletionFormat(Tokenizer tokenizer, bool withLogProbs) : IAnswerFormat
{
    // Where the next token of each choice begins in its text.
    private readonly Dictionary<int, int> _offsets = [];

    public string OperationName => "text_completion";

    public string IdPrefix => "cmpl-";

    public string ObjectName => "text_completion";

    public string ChunkName => "text_completion";

    public bool HasBeginning => false;

    public void WriteBeginning(Utf8JsonWriter json) => throw new NotSupportedException();

    public void WriteChunk(Utf8JsonWriter json, AnswerPart part) => WriteWhole(json, part);

    public void WriteWhole(Utf8JsonWriter json, AnswerPart whole)
    {
        json.WriteString("text", whole.Text);
        if (withLogProbs) WriteLogProbs(json, whole);
        else json.WriteNull("logprobs");
    }

    private void WriteLogProbs(Utf8JsonWriter json, AnswerPart part)
    {
        json.WriteStartObject("logprobs");
        json.WriteStartArray("tokens");
        foreach (var token in part.Tokens) json.WriteStringValue(tokenizer.TokenText(token.TokenId!.Value));
        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        foreach (var token in part.Tokens) json.WriteNumberValue(LogProbJson.Finite(token.LogProb));
        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        foreach (var token in part.Tokens)
        {
            json.WriteStartObject();
            var named = new HashSet<string>();
            foreach (var top in token.TopLogProbs.Span) Write(top.TokenId, top.LogProb);
            Write(token.TokenId!.Value, token.LogProb);
            json.WriteEndObject();

            void Write(int id, float logProb)
            {
                // Parts of characters look alike: the most probable stands for them.
                if (named.Add(tokenizer.TokenText(id))) json.WriteNumber(tokenizer.TokenText(id), LogProbJson.Finite(logProb));
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("text_offset");
        var offset = _offsets.GetValueOrDefault(part.Choice);
        foreach (var token in part.Tokens)
        {
            json.WriteNumberValue(offset);
            offset += tokenizer.TokenText(token.TokenId!.Value).Length;
        }

        _offsets[part.Choice] = offset;
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
