using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Coordinator.Weights;

/// <summary>Sends the pieces of models to workers that do not have their files.</summary>
internal sealed class WeightsService(OfferedModels models) : Protos.V1.Weights.WeightsBase
{
    /// <summary>Pieces read at a time, whoever asks: more only take memory.</summary>
    private static readonly SemaphoreSlim s_reading = new(8);

    public override async Task<ModelContent> Describe(ModelKey request, ServerCallContext context) =>
        await AnswerAsync(() => Find(request).DescribeAsync().WaitAsync(context.CancellationToken)).ConfigureAwait(false);

    public override async Task<ModelPiece> Read(ReadPieceRequest request, ServerCallContext context)
    {
        var model = Find(request.Model);
        await s_reading.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        try
        {
            return await AnswerAsync(() => model.ReadAsync(request, context.CancellationToken)).ConfigureAwait(false)
                ?? throw new RpcException(new Status(StatusCode.NotFound, $"the coordinator's model has no such piece {request.Index}"));
        }
        finally
        {
            s_reading.Release();
        }
    }

    private OfferedModel Find(ModelKey? key) =>
        (key is null ? null : models.Find(key)) ?? throw new RpcException(new Status(StatusCode.NotFound, "the coordinator does not serve that model"));

    private static async Task<T> AnswerAsync<T>(Func<Task<T>> answer)
    {
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ClusterException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
        }
    }
}
