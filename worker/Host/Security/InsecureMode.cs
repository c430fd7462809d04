namespace Cluster.Worker.Security;

/// <summary>Whether a worker may talk in plain text.</summary>
internal enum InsecureMode
{
    None,

    /// <summary>On this machine.</summary>
    Loopback,

    /// <summary>With others too.</summary>
    Forced,
}
