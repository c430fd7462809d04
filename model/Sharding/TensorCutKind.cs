namespace Cluster.Model.Sharding;

/// <summary>How a rank uses what it takes of a tensor.</summary>
public enum TensorCutKind
{
    /// <summary>Whole, the same on every rank that takes it: norms, rotary factors, the bias of a row-parallel matrix.</summary>
    Whole,

    /// <summary>Whole, looked up row by row: the token embedding on the first stage. Stays in the mapped file.</summary>
    LookupTable,

    /// <summary>Some rows of a matrix, or elements of its bias. See <see cref="ColumnParallelCut"/>.</summary>
    ColumnParallel,

    /// <summary>All rows, some columns. See <see cref="RowParallelCut"/>.</summary>
    RowParallel,
}
