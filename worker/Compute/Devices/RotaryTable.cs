using Cluster.Model.Architecture;

namespace Cluster.Compute.Devices;

/// <summary>Rotary position embedding of a model: pair i of a head turns by position · InverseFrequencies[i].</summary>
/// <param name="InverseFrequencies">Radians a position for each of the rotated pairs.</param>
/// <param name="Style">Which elements form a pair.</param>
/// <param name="Magnitude">What cosines and sines are multiplied with (YaRN), else 1.</param>
public sealed record RotaryTable(float[] InverseFrequencies, RopeStyle Style, float Magnitude);
