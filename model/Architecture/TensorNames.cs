namespace Cluster.Model.Architecture;

/// <summary>Names of tensors in GGUF files.</summary>
public static class TensorNames
{
    public const string TokenEmbedding = "token_embd.weight";
    public const string OutputNorm = "output_norm.weight";
    public const string Output = "output.weight";
    public const string RopeFrequencies = "rope_freqs.weight";

    public static string AttentionNorm(int layer) => Layer(layer, "attn_norm.weight");

    public static string AttentionQuery(int layer) => Layer(layer, "attn_q.weight");

    public static string AttentionQueryBias(int layer) => Layer(layer, "attn_q.bias");

    public static string AttentionKey(int layer) => Layer(layer, "attn_k.weight");

    public static string AttentionKeyBias(int layer) => Layer(layer, "attn_k.bias");

    public static string AttentionValue(int layer) => Layer(layer, "attn_v.weight");

    public static string AttentionValueBias(int layer) => Layer(layer, "attn_v.bias");

    public static string AttentionOutput(int layer) => Layer(layer, "attn_output.weight");

    public static string AttentionOutputBias(int layer) => Layer(layer, "attn_output.bias");

    public static string FeedForwardNorm(int layer) => Layer(layer, "ffn_norm.weight");

    public static string FeedForwardGate(int layer) => Layer(layer, "ffn_gate.weight");

    public static string FeedForwardGateBias(int layer) => Layer(layer, "ffn_gate.bias");

    public static string FeedForwardUp(int layer) => Layer(layer, "ffn_up.weight");

    public static string FeedForwardUpBias(int layer) => Layer(layer, "ffn_up.bias");

    public static string FeedForwardDown(int layer) => Layer(layer, "ffn_down.weight");

    public static string FeedForwardDownBias(int layer) => Layer(layer, "ffn_down.bias");

    private static string Layer(int layer, string tensor) => $"blk.{layer}.{tensor}";
}
