namespace Cluster.Model.Synthesis;

/// <summary>How far a model has been written, in bytes of tensor data.</summary>
public readonly record struct SynthProgress(long BytesWritten, long TotalBytes);
