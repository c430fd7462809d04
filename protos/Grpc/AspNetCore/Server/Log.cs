using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "The handler of {Method} failed.")]
    public static partial void HandlerFailed(ILogger logger, string method, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "A callback on the cancellation of a call failed.")]
    public static partial void CancellationCallbackFailed(ILogger logger, Exception exception);
}
