using System.Net;
using System.Security.Cryptography;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Weights;
using Cluster.Protos.Models;
using Cluster.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cluster.Coordinator.Tests.Weights;

public sealed class WeightsServiceTests : IAsyncLifetime
{
    private readonly ServedModel _model = ServedModel.Open(SampleModel.Path);
    private readonly MembershipRegistry _registry = new(TimeProvider.System);
    private readonly OfferedModels _models;
    private MembershipServer _server = null!;
    private GrpcChannel _channel = null!;
    private Protos.V1.Weights.WeightsClient _client = null!;

    public WeightsServiceTests() => _models = new OfferedModels(_registry, TimeProvider.System);

    private ModelKey Key => new() { Length = _model.Reference.Length, HeaderSha256 = _model.Reference.HeaderSha256 };

    public async Task InitializeAsync()
    {
        var listener = MembershipListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _server = await MembershipServer.StartAsync(listener, _registry, _models, null, TimeProvider.System, CancellationToken.None);
        _channel = GrpcChannel.ForAddress($"http://{listener.EndPoint}");
        _client = new Protos.V1.Weights.WeightsClient(_channel);
    }

    public async Task DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
        _model.Dispose();
    }

    [Fact]
    public async Task AllPiecesTogetherAreTheFile()
    {
        _models.Offer(_model);
        var content = await _client.DescribeAsync(Key).ResponseAsync;
        var name = ByteString.CopyFrom(PieceHashes.Name(content.PieceSha256.Span));

        using var file = new MemoryStream();
        for (var index = 0; index < content.PieceSha256.Length / 32; index++)
        {
            var piece = await _client.ReadAsync(new ReadPieceRequest { Model = Key, ContentSha256 = name, Index = (uint)index }).ResponseAsync;
            Assert.Equal(PieceHashes.Of(content.PieceSha256.Span, index).ToArray(), SHA256.HashData(piece.Data.Span));
            file.Write(piece.Data.Span);
        }

        Assert.Equal(await File.ReadAllBytesAsync(SampleModel.Path), file.ToArray());
    }

    [Fact]
    public async Task WhatIsNotServedIsNotSent()
    {
        await AssertStatusAsync(StatusCode.NotFound, () => _client.DescribeAsync(Key).ResponseAsync);
        _models.Offer(_model);
        var content = await _client.DescribeAsync(Key).ResponseAsync;
        var name = ByteString.CopyFrom(PieceHashes.Name(content.PieceSha256.Span));

        foreach (var request in (ReadPieceRequest[])
            [
                new(),
                new() { Model = Key, ContentSha256 = name, Index = (uint)content.PieceSha256.Length / 32 },
                new() { Model = Key, ContentSha256 = name, Index = uint.MaxValue },
                new() { Model = Key, ContentSha256 = ByteString.CopyFrom(new byte[32]) },
                new() { Model = new ModelKey { Length = 1 }, ContentSha256 = name },
            ])
            await AssertStatusAsync(StatusCode.NotFound, () => _client.ReadAsync(request).ResponseAsync);
    }

    private static async Task AssertStatusAsync(StatusCode status, Func<Task> call) =>
        Assert.Equal(status, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);
}
