using Cluster.Protos.Models;
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
        if (request.Index >= PieceHashes.Count((long)request.Model.Length) || !await AnswerAsync(() => model.IsContentAsync(request.ContentSha256)).ConfigureAwait(false))
            throw new RpcException(new Status(StatusCode.NotFound, $"the coordinator's model has no such piece {request.Index}"));

        if (request.Reader.Length > 0)
        {
            var holders = await model.Tracker.FindAsync((int)request.Index, request.Reader, request.Distrusted, context.CancellationToken).ConfigureAwait(false);
            if (holders.Count > 0) return new ModelPiece { Holders = { holders } };
        }

        await s_reading.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        try
        {
            var piece = await AnswerAsync(() => Task.Run(() => model.ReadPiece((int)request.Index), context.CancellationToken)).ConfigureAwait(false);
            models.CountSent(piece.Data.Length);
            return piece;
        }
        finally
        {
            s_reading.Release();
        }
    }

    public override async Task<PieceAnnouncementReply> Announce(PieceAnnouncement request, ServerCallContext context)
    {
        var model = Find(request.Model);
        if (await AnswerAsync(() => model.IsContentAsync(request.ContentSha256)).ConfigureAwait(false)) model.Tracker.Announce(request.Holder, request.Indexes.Select(index => (int)index));
        return new PieceAnnouncementReply();
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
