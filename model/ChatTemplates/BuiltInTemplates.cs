using System.Collections.Frozen;

namespace Cluster.Model.ChatTemplates;

/// <summary>Templates by name, for models whose files have none or a wrong one: each in the form that the named family was trained on.</summary>
public static class BuiltInTemplates
{
    /// <summary>What a model without a template is served with, as llama-server does.</summary>
    public const string Default = "chatml";

    private static readonly FrozenDictionary<string, string> s_all = new Dictionary<string, string>
    {
        ["chatml"] = """
            {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
            """,
        ["llama3"] = """
            {{- bos_token }}
            {%- for message in messages %}
            {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
            """,
        ["gemma"] = """
            {{- bos_token }}
            {%- set ns = namespace(system='') %}
            {%- for message in messages %}
            {%- if message.role == 'system' %}{% set ns.system = message.content | trim + '\n\n' %}{% continue %}{% endif %}
            {{- '<start_of_turn>' + ('model' if message.role == 'assistant' else 'user') + '\n' }}
            {%- if message.role == 'user' %}{{ ns.system }}{% set ns.system = '' %}{% endif %}
            {{- message.content | trim + '<end_of_turn>\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}
            """,
        ["mistral"] = """
            {{- bos_token }}
            {%- set ns = namespace(system='') %}
            {%- for message in messages %}
            {%- if message.role == 'system' %}{% set ns.system = message.content + '\n\n' %}
            {%- elif message.role == 'user' %}{{ '[INST] ' + ns.system + message.content + ' [/INST]' }}{% set ns.system = '' %}
            {%- else %}{{ ' ' + message.content | trim + eos_token }}{% endif %}
            {%- endfor %}
            """,
        ["phi3"] = """
            {%- for message in messages %}
            {{- '<|' + message.role + '|>\n' + message.content + '<|end|>\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}
            """,
        ["zephyr"] = """
            {%- for message in messages %}
            {{- '<|' + message.role + '|>\n' + message.content + eos_token + '\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}
            """,
    }.ToFrozenDictionary();

    public static IEnumerable<string> Names => s_all.Keys.Order();

    /// <summary>Null if there is none of this name.</summary>
    public static ChatTemplate? Find(string name) => s_all.TryGetValue(name, out var source) ? ChatTemplate.Parse(source) : null;
}
