using Cluster.Worker.CommandLine;
using Microsoft.Extensions.Logging;

namespace Cluster.Worker.Membership;

/// <summary>What membership leaves in the log.</summary>
internal sealed partial class MembershipLog(ILogger<MembershipLog> logger)
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Joined the coordinator at {Coordinator} as {Name}, reachable at {Address}")]
    public partial void Joined(HostPort coordinator, string name, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the coordinator at {Coordinator}: {Problem}")]
    public partial void Lost(HostPort coordinator, string problem);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The coordinator at {Coordinator} is not there yet: {Problem}")]
    public partial void NotThere(HostPort coordinator, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "The coordinator said to end")]
    public partial void ToldToEnd();
}
