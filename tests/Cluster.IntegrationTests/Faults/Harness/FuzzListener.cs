using System.Net;
using System.Net.Security;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>Where nonsense is sent.</summary>
/// <param name="Address">What listens.</param>
/// <param name="Tls">What is shown there, by somebody who was let in; null for a stranger's plain bytes.</param>
internal sealed record FuzzListener(IPEndPoint Address, SslClientAuthenticationOptions? Tls = null);
