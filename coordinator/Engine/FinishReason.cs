namespace Cluster.Coordinator.Engine;

internal enum FinishReason
{
    /// <summary>The model ended its text, or a stop string or stop token came.</summary>
    Stop,

    /// <summary>The limit of tokens, or the context, is full.</summary>
    Length,

    /// <summary>The client went away or gave it up.</summary>
    Cancelled,

    /// <summary>It could not go on; the stream's error says why.</summary>
    Error,
}
