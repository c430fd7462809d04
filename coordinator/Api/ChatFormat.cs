using System.Text.Json;
using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Api;

/// <summary>Texts as <c>/v1/chat/completions</c> gives them.</summary>
internal sealed class ChatFormat(Tokenizer tokenizer, bool withLogProbs) : IAnswerFormat
{
    public string OperationName => "chat";

    public string IdPrefix => "chatcmpl-";

    public string ObjectName => "chat.completion";

    public string ChunkName => "chat.completion.chunk";

    public bool HasBeginning => true;

    public void WriteBeginning(Utf8JsonWriter json)
    {
        json.WriteStartObject("delta");
        json.WriteString("role", "assistant");
        json.WriteString("content", "");
        json.WriteEndObject();
        json.WriteNull("logprobs");
    }

    public void WriteChunk(Utf8JsonWriter json, AnswerPart part)
    {
        json.WriteStartObject("delta");
        if (part.Text.Length > 0) json.WriteString("content", part.Text);
        json.WriteEndObject();
        WriteLogProbs(json, part);
    }

    public void WriteWhole(Utf8JsonWriter json, AnswerPart whole)
    {
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", whole.Text);
        json.WriteNull("refusal");
        json.WriteEndObject();
        WriteLogProbs(json, whole);
    }

    private void WriteLogProbs(Utf8JsonWriter json, AnswerPart part)
    {
        if (!withLogProbs || (part.Tokens.Count == 0 && part.Text.Length == 0))
        {
            json.WriteNull("logprobs");
            return;
        }

        json.WriteStartObject("logprobs");
        json.WriteStartArray("content");
        foreach (var token in part.Tokens)
        {
            json.WriteStartObject();
            LogProbJson.Write(json, tokenizer, token.TokenId!.Value, token.LogProb);
            json.WriteStartArray("top_logprobs");
            foreach (var top in token.TopLogProbs.Span)
            {
                json.WriteStartObject();
                LogProbJson.Write(json, tokenizer, top.TokenId, top.LogProb);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("refusal");
        json.WriteEndObject();
    }
}
