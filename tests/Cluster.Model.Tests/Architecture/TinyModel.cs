using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Tests.Gguf;

namespace Cluster.Model.Tests.Architecture;

/// <summary>A small llama model whose metadata and tensors a test can change before it is read.</summary>
internal sealed class TinyModel
{
    public Dictionary<string, object> Metadata { get; } = new()
    {
        ["general.architecture"] = "llama",
        ["llama.block_count"] = 2u,
        ["llama.context_length"] = 128u,
        ["llama.embedding_length"] = 24u,
        ["llama.feed_forward_length"] = 40u,
        ["llama.attention.head_count"] = 6u,
        ["llama.attention.head_count_kv"] = 2u,
        ["llama.attention.layer_norm_rms_epsilon"] = 1e-6f,
    };

    public Dictionary<string, long[]> Tensors { get; } = new()
    {
        ["token_embd.weight"] = [24, 50],
        ["output_norm.weight"] = [24],
        ["output.weight"] = [24, 50],
        ["blk.0.attn_norm.weight"] = [24],
        ["blk.0.attn_q.weight"] = [24, 24],
        ["blk.0.attn_k.weight"] = [24, 8],
        ["blk.0.attn_v.weight"] = [24, 8],
        ["blk.0.attn_output.weight"] = [24, 24],
        ["blk.0.ffn_norm.weight"] = [24],
        ["blk.0.ffn_gate.weight"] = [24, 40],
        ["blk.0.ffn_up.weight"] = [24, 40],
        ["blk.0.ffn_down.weight"] = [40, 24],
        ["blk.1.attn_norm.weight"] = [24],
        ["blk.1.attn_q.weight"] = [24, 24],
        ["blk.1.attn_k.weight"] = [24, 8],
        ["blk.1.attn_v.weight"] = [24, 8],
        ["blk.1.attn_output.weight"] = [24, 24],
        ["blk.1.ffn_norm.weight"] = [24],
        ["blk.1.ffn_gate.weight"] = [24, 40],
        ["blk.1.ffn_up.weight"] = [24, 40],
        ["blk.1.ffn_down.weight"] = [40, 24],
    };

    public ModelConfig Read() => ModelConfigReader.Read(GgufBytes.Parse(GgufBytes.Write(writer =>
    {
        foreach ((string key, object value) in Metadata)
            writer.AddMetadata(key, value);
        foreach ((string name, long[] dimensions) in Tensors)
            writer.AddTensor(name, TensorType.F32, dimensions);
    })));
}
