using System.Threading.Channels;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Worker.Weights;

/// <summary>Tells the coordinator of pieces that are here: at once when nothing is on its way, else together with what comes meanwhile.</summary>
internal sealed class PieceAnnouncer : IDisposable
{
    private readonly Channel<(ReadPieceRequest Piece, string Holder)> _pieces = Channel.CreateUnbounded<(ReadPieceRequest, string)>(new() { SingleReader = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly PieceClient _coordinator;
    private readonly Task _sending;

    public PieceAnnouncer(PieceClient coordinator)
    {
        _coordinator = coordinator;
        _sending = Task.Run(SendAsync);
    }

    public void Add(ReadPieceRequest piece, string holder) => _pieces.Writer.TryWrite((piece, holder));

    public void Dispose()
    {
        _ending.Cancel();
        _sending.GetAwaiter().GetResult();
        _ending.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _pieces.Reader.WaitToReadAsync(_ending.Token).ConfigureAwait(false))
            {
                PieceAnnouncement? announcement = null;
                while (_pieces.Reader.TryPeek(out var next) && (announcement is null || announcement.ContentSha256.Equals(next.Piece.ContentSha256)))
                {
                    announcement ??= new PieceAnnouncement { Model = next.Piece.Model, ContentSha256 = next.Piece.ContentSha256, Holder = next.Holder };
                    announcement.Indexes.Add(next.Piece.Index);
                    _pieces.Reader.TryRead(out _);
                }

                await TrySendAsync(announcement!).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker ends.
        }
    }

    private async Task TrySendAsync(PieceAnnouncement announcement)
    {
        try
        {
            await _coordinator.AnnounceAsync(announcement, _ending.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or IOException)
        {
            // Others have these pieces of somebody else.
        }
    }
}
