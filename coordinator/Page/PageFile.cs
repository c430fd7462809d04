namespace Cluster.Coordinator.Page;

/// <summary>One file of the page.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="EntityTag">Changes with the bytes.</param>
internal sealed record PageFile(ReadOnlyMemory<byte> Content, string ContentType, string EntityTag);
