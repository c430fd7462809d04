namespace Cluster.Compute.Cpu.Matrices.Activations;

/// <summary>What a kernel reads activations as.</summary>
internal enum ActivationForm
{
    /// <summary>The f32 rows that the caller gave.</summary>
    Plain,

    /// <summary>f32 times <see cref="ActivationRecord.Factor"/>.</summary>
    Raised,

    /// <summary>int8 in the layout of <see cref="ActivationRecord"/>.</summary>
    Records,
}
