using System.Text.Json;
using Cluster.Model.ChatTemplates;
using Cluster.Model.Tokenizers;

namespace Cluster.Coordinator.Models;

/// <summary>Makes prompts of conversations, as the model was trained to read them.</summary>
internal sealed class ChatPrompts(ChatTemplate template, Tokenizer tokenizer)
{
    private readonly string _bosText = tokenizer.BosId is { } bos ? tokenizer.TokenText(bos) : "";
    private readonly string _eosText = tokenizer.EosId is { } eos ? tokenizer.TokenText(eos) : "";

    /// <summary>Token ids. The texts of special tokens are these tokens, whoever wrote them, and the first token is there once.</summary>
    /// <param name="messages">Objects with role and content.</param>
    /// <param name="names">Further names for the template.</param>
    /// <param name="now">For templates that tell the model the date.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation, or fails.</exception>
    public int[] Encode(JsonElement messages, IReadOnlyDictionary<string, JsonElement> names, DateTimeOffset now)
    {
        var text = template.Render(new ChatTemplateInput { Messages = messages, BosToken = _bosText, EosToken = _eosText, Extra = names, Now = now });

        // The template ends the text where the answer goes on, so no end is added; a beginning only if it wrote none.
        var addsBos = tokenizer.AddBosByDefault && tokenizer.BosId is not null && !(_bosText.Length > 0 && text.StartsWith(_bosText, StringComparison.Ordinal));
        var ids = tokenizer.Encode(text, addSpecial: false, parseSpecial: true);
        return addsBos ? [tokenizer.BosId!.Value, .. ids] : [.. ids];
    }
}
