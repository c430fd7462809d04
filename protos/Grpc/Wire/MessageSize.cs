using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Holds messages to the configured sizes.</summary>
internal static class MessageSize
{
    public static void CheckReceived(long size, int? limit)
    {
        if (size > (limit ?? int.MaxValue))
            throw Exceeded("Received", size, limit);
    }

    public static void CheckSent(long size, int? limit)
    {
        if (size > (limit ?? int.MaxValue))
            throw Exceeded("Sending", size, limit);
    }

    private static RpcException Exceeded(string what, long size, int? limit) => new(new Status(
        StatusCode.ResourceExhausted,
        $"{what} message of {size} bytes exceeds the limit of {limit ?? int.MaxValue} bytes."));
}
