using System.IO.Pipelines;

namespace Grpc.AspNetCore.Server;

/// <summary>Help with Kestrel's request pipes.</summary>
internal static class RequestBody
{
    /// <summary>Ends a read that waits, if there is one.</summary>
    public static void CancelPendingRead(PipeReader body)
    {
        try
        {
            body.CancelPendingRead();
        }
        catch (IOException)
        {
            // Kestrel throws this, also from here, once the client has reset the stream; the read has ended with it, too.
        }
    }
}
