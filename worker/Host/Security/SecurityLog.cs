using Cluster.Protos.Security;
using Cluster.Worker.CommandLine;
using Microsoft.Extensions.Logging;

namespace Cluster.Worker.Security;

/// <summary>What certificates, and peers without, leave in the log.</summary>
internal sealed partial class SecurityLog(ILogger<SecurityLog> logger)
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The coordinator at {Coordinator} gave {Name} a certificate until {End:yyyy-MM-dd HH:mm:ss}")]
    public partial void Issued(HostPort coordinator, string name, DateTime end);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate until {End:yyyy-MM-dd HH:mm:ss} could not be renewed yet: {Problem}")]
    public partial void NotRenewed(DateTime end, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Certificates of these authorities count now: {Authorities}")]
    public partial void TrustChanged(TrustedAuthorities authorities);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The authorities that count could not be kept for the next start: {Problem}")]
    public partial void NotKept(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused {Peer} at {Address}: {Reason} ({Count} so far)")]
    public partial void Refused(string peer, string address, string reason, long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "INSECURE: this worker, its coordinator and its peers talk in plain text; whoever reaches {Address} can use it, and read and change what is computed")]
    public partial void Insecure(HostPort address);
}
