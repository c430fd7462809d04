namespace Cluster.Compute.Devices;

/// <summary>A device that was named is not to be had; the message is one line that says which and why.</summary>
public sealed class DeviceUnavailableException(string message) : Exception(message);
