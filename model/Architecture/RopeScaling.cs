namespace Cluster.Model.Architecture;

/// <summary>How rotary frequencies are stretched beyond the context that the model was first trained for.</summary>
public enum RopeScaling
{
    None,

    /// <summary>All frequencies divided by the scaling factor (position interpolation).</summary>
    Linear,

    /// <summary>Low frequencies interpolated, high ones kept, a ramp between (Peng et al. 2023, "YaRN").</summary>
    Yarn,
}
