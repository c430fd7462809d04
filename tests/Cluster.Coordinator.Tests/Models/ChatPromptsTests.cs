using System.Text.Json;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.ChatTemplates;
using Cluster.Model.Gguf;

namespace Cluster.Coordinator.Tests.Models;

public sealed class ChatPromptsTests
{
    private static readonly JsonElement s_messages = JsonDocument.Parse(
        """[{"role":"system","content":"S"},{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},{"role":"user","content":"Bye"}]""").RootElement;

    [Theory]
    [InlineData("chatml", "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData("llama3", "<s><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n")]
    [InlineData("gemma", "<s><start_of_turn>user\nS\n\nHello<end_of_turn>\n<start_of_turn>model\nHi<end_of_turn>\n<start_of_turn>user\nBye<end_of_turn>\n<start_of_turn>model\n")]
    [InlineData("mistral", "<s>[INST] S\n\nHello [/INST] Hi</s>[INST] Bye [/INST]")]
    [InlineData("phi3", "<|system|>\nS<|end|>\n<|user|>\nHello<|end|>\n<|assistant|>\nHi<|end|>\n<|user|>\nBye<|end|>\n<|assistant|>\n")]
    [InlineData("zephyr", "<|system|>\nS</s>\n<|user|>\nHello</s>\n<|assistant|>\nHi</s>\n<|user|>\nBye</s>\n<|assistant|>\n")]
    public void Built_in_template_writes_its_familys_form(string name, string expected)
    {
        var text = BuiltInTemplates.Find(name)!.Render(new ChatTemplateInput { Messages = s_messages, BosToken = "<s>", EosToken = "</s>" });

        Assert.Equal(expected, text);
        Assert.Contains(name, BuiltInTemplates.Names);
    }

    [Fact]
    public void First_token_is_there_once()
    {
        var names = new Dictionary<string, JsonElement>();
        var without = new ChatPrompts(ChatTemplate.Parse("{{ messages[1].content }}"), SampleTokenizer.Instance).Encode(s_messages, names, default);
        var with = new ChatPrompts(ChatTemplate.Parse("{{ bos_token }}{{ messages[1].content }}"), SampleTokenizer.Instance).Encode(s_messages, names, default);

        Assert.Equal(SampleTokenizer.Instance.Encode("Hello", true, true), without);
        Assert.Equal(without, with);
    }

    [Fact]
    public void Models_own_template_is_used_unless_another_is_named()
    {
        using var file = GgufFile.Open(RepositoryFiles.SampleModel);

        var own = ChatTemplateChoice.Make(null, file.Metadata);
        var named = ChatTemplateChoice.Make("zephyr", file.Metadata);
        var missing = Assert.Throws<ClusterException>(() => ChatTemplateChoice.Make("no/such.jinja", file.Metadata));

        Assert.Equal("the model's own", own.Origin);
        Assert.Contains("<|im_start|>", own.Template.Source, StringComparison.Ordinal);
        Assert.Contains("</s>", named.Template.Render(new ChatTemplateInput { Messages = s_messages, EosToken = "</s>" }), StringComparison.Ordinal);
        Assert.Contains("chatml, gemma", missing.Message, StringComparison.Ordinal);
    }
}
