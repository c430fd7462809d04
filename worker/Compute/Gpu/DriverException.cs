namespace Cluster.Compute.Gpu;

/// <summary>A call of a GPU's driver or libraries that failed; the message names it.</summary>
internal abstract class DriverException(string message) : Exception(message);
