namespace Cluster.Model.Gguf;

/// <summary>Type of a metadata value and where it begins in the metadata section.</summary>
internal readonly record struct GgufValueLocation(GgufValueType Type, int Offset);
