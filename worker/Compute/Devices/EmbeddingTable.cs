namespace Cluster.Compute.Devices;

/// <summary>A table of <see cref="Rows"/> token embeddings, each <see cref="Columns"/> wide.</summary>
public abstract class EmbeddingTable(int rows, int columns) : IDisposable
{
    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>Bytes that it takes on the device; 0 for a table used in place from the mapped file.</summary>
    public abstract long Bytes { get; }

    public abstract void Dispose();
}
