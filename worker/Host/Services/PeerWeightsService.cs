using Cluster.Protos.V1;
using Cluster.Worker.Weights;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Worker.Services;

/// <summary>Passes pieces of models on to other workers.</summary>
internal sealed class PeerWeightsService(HeldPieces held) : Protos.V1.Weights.WeightsBase
{
    /// <summary>Pieces read at a time: more only take memory.</summary>
    private static readonly SemaphoreSlim s_reading = new(4);

    public override async Task<ModelPiece> Read(ReadPieceRequest request, ServerCallContext context)
    {
        await s_reading.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        try
        {
            var data = await Task.Run(() => held.Find(request.ContentSha256)?.TryRead(request.Index), context.CancellationToken).ConfigureAwait(false)
                ?? throw new RpcException(new Status(StatusCode.NotFound, "this worker does not have that piece"));
            return new ModelPiece { Data = UnsafeByteOperations.UnsafeWrap(data) };
        }
        finally
        {
            s_reading.Release();
        }
    }
}
