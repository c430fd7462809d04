namespace Cluster.Coordinator.Security;

/// <summary>What <c>--insecure</c> says.</summary>
internal enum InsecureMode
{
    None,

    /// <summary>The API needs neither keys nor TLS; the cluster itself stays protected wherever others can reach it.</summary>
    On,

    /// <summary>Nothing is protected.</summary>
    Forced,
}
