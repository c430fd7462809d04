using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>How values are rounded: Appending in append_row.cuh.</summary>
/// <param name="OutputWeights">What their errors cost; 0 where that is not known.</param>
/// <param name="Deferred">Where they are kept to be rounded when the step is over; 0: they are rounded at once.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AppendedRows(ulong OutputWeights, ulong Deferred);
