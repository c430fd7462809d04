namespace Cluster.Compute.Steps;

/// <summary>What a shard spends a step's time on.</summary>
public enum StepPart
{
    /// <summary>RoPE, quantizing and appending keys and values, grouped-query attention.</summary>
    Attention,

    /// <summary>Products of column-parallel matrices: Q, K, V, gate, up.</summary>
    ColumnProducts,

    /// <summary>Products of row-parallel matrices: output, down.</summary>
    RowProducts,

    /// <summary>The last stage's head: its norm, its product, what is made of logits.</summary>
    Head,

    /// <summary>Collectives and hand-overs between stages, waiting for peers included.</summary>
    Exchange,

    /// <summary>Embedding, norms, activation functions, residuals, copies of cache blocks.</summary>
    Other,
}
