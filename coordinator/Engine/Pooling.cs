namespace Cluster.Coordinator.Engine;

/// <summary>Which hidden states make up a text's vector.</summary>
internal enum Pooling
{
    /// <summary>Those of all tokens, averaged.</summary>
    Mean,

    /// <summary>That of the last token.</summary>
    Last,

    /// <summary>That of the first token, which encoders give a meaning.</summary>
    Cls,
}
